package dev.fncluster.runnerpool.fake;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Call;
import dev.fncluster.runnerpool.PlainRunnerCall;
import dev.fncluster.runnerpool.RunnerCall;
import io.netty.channel.EventLoop;
import java.util.Map;

/** Makes calls for tests. */
public final class TestCalls {
  private TestCalls() {}

  /** A model. */
  public static Call model() {
    return new Call()
        .id("call-1")
        .requestId("request-1")
        .fnId("fn-1")
        .appId("app-1")
        .image("image")
        .timeout(30);
  }

  /** An invocation without a body that nobody has cancelled. */
  public static Invocation invocation(EventLoop loop, ResponseSink sink) {
    return invocation(loop, sink, EmptyBody.create(), CallContext.create());
  }

  /** An invocation. */
  public static Invocation invocation(
      EventLoop loop, ResponseSink sink, RequestBody body, CallContext context) {
    return new Invocation(model(), "00ff", Map.of("key", "value"), body, sink, context, loop);
  }

  /** The call of an invocation. */
  public static RunnerCall call(Invocation invocation) {
    return new PlainRunnerCall(invocation);
  }
}
