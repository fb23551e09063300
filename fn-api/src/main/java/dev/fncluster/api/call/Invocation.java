package dev.fncluster.api.call;

import dev.fncluster.api.model.Call;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Objects;

/**
 * A call on its way through one node, with everything that is not in its model: where it runs, its
 * body, where the answer goes and when to give up.
 *
 * @param call the model; the agent fills in its times
 * @param slotHashId lower-case hex of the slot key, or empty when nobody computed it yet
 * @param extensions what overriders and drivers pass on; unmodifiable
 * @param body the request body
 * @param response where the answer goes
 * @param context ends when the caller gives up
 * @param eventLoop the one thread on which body, response and completion live
 */
public record Invocation(
    Call call,
    String slotHashId,
    Map<String, String> extensions,
    RequestBody body,
    ResponseSink response,
    CallContext context,
    EventLoop eventLoop) {
  /** Checks that nothing is missing. */
  public Invocation {
    Objects.requireNonNull(call, "call");
    Objects.requireNonNull(slotHashId, "slotHashId");
    extensions = Map.copyOf(extensions);
    Objects.requireNonNull(body, "body");
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(eventLoop, "eventLoop");
  }
}
