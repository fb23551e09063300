package dev.fncluster.lb;

import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.SlotHash;
import java.util.List;
import java.util.Map;

/** All overriders, one after the other. Thread-safe. */
final class OverriderChain {
  private final List<CallOverrider> overriders;
  private final boolean mayBlock;

  OverriderChain(List<CallOverrider> overriders) {
    this.overriders = List.copyOf(overriders);
    this.mayBlock = overriders.stream().anyMatch(CallOverrider::mayBlock);
  }

  boolean isEmpty() {
    return overriders.isEmpty();
  }

  boolean mayBlock() {
    return mayBlock;
  }

  /** The overridden call, with its slot key computed anew. Throws what an overrider throws. */
  Invocation apply(Invocation invocation) {
    Map<String, String> extensions = invocation.extensions();
    for (CallOverrider each : overriders) {
      extensions = Map.copyOf(each.override(invocation.call(), extensions));
    }
    return with(invocation, slotHash(invocation.call()), extensions);
  }

  static Invocation withSlotHash(Invocation invocation) {
    return invocation.slotHashId().isEmpty()
        ? with(invocation, slotHash(invocation.call()), invocation.extensions())
        : invocation;
  }

  private static String slotHash(Call call) {
    return SlotHash.hex(call, call.configWith(SlotHash.CONTAINER_CONFIG), "");
  }

  private static Invocation with(
      Invocation invocation, String slotHashId, Map<String, String> extensions) {
    return new Invocation(
        invocation.call(),
        slotHashId,
        extensions,
        invocation.body(),
        invocation.response(),
        invocation.context(),
        invocation.eventLoop());
  }
}
