package dev.fncluster.api.plugin;

import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.extension.CallOverrider;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** All overriders of a node, one after the other. Thread-safe. */
public final class OverriderChain {
  /** Told how it ended, on the event loop of the call. */
  public interface Result {
    /** The call as it is now. */
    void overridden(Invocation changed);

    /** The call is to end so. */
    void refused(Throwable why);
  }

  private final List<CallOverrider> overriders;
  private final ExtensionRunner runner;
  private final Function<Invocation, String> slotHash;

  /**
   * A chain.
   *
   * @param overriders in this order
   * @param slotHash what the slot key of an invocation is after it was overridden; it has the old
   *     key and everything else new
   */
  public OverriderChain(
      List<CallOverrider> overriders,
      ExtensionRunner runner,
      Function<Invocation, String> slotHash) {
    this.overriders = List.copyOf(overriders);
    this.runner = runner;
    this.slotHash = slotHash;
  }

  /** Whether there is nothing to be done. */
  public boolean isEmpty() {
    return overriders.isEmpty();
  }

  /** Begins on the event loop of the call; {@code result} may be told before this returns. */
  public void apply(Invocation invocation, Result result) {
    next(0, invocation, invocation.extensions(), result);
  }

  private void next(
      int index, Invocation invocation, Map<String, String> extensions, Result result) {
    if (index == overriders.size()) {
      end(invocation, extensions, result);
      return;
    }
    CallOverrider each = overriders.get(index);
    Subject subject = Subject.of(invocation.call());
    boolean mayBlock;
    try {
      mayBlock = each.mayBlock();
    } catch (Throwable failure) {
      result.refused(ExtensionRunner.told(each, subject, failure));
      return;
    }
    if (mayBlock) {
      runner
          .start(each, subject, () -> copyOf(each.override(invocation.call(), extensions)))
          .whenComplete((changed, failure) ->
              invocation
                  .eventLoop()
                  .execute(() -> {
                    if (failure == null) {
                      next(index + 1, invocation, changed, result);
                    } else {
                      result.refused(failure);
                    }
                  }));
      return;
    }
    Map<String, String> changed;
    try {
      changed = copyOf(each.override(invocation.call(), extensions));
    } catch (Throwable failure) {
      result.refused(ExtensionRunner.told(each, subject, failure));
      return;
    }
    next(index + 1, invocation, changed, result);
  }

  private static Map<String, String> copyOf(Map<String, String> extensions) {
    return Map.copyOf(Objects.requireNonNull(extensions, "it returned null"));
  }

  private void end(Invocation invocation, Map<String, String> extensions, Result result) {
    Invocation changed = with(invocation, invocation.slotHashId(), extensions);
    String key;
    try {
      key = slotHash.apply(changed);
    } catch (RuntimeException e) {
      // An overrider put something into the model that can't be there.
      result.refused(ExtensionRunner.told(this, Subject.of(invocation.call()), e));
      return;
    }
    result.overridden(with(changed, key, extensions));
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
