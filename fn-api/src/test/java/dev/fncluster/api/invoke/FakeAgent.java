package dev.fncluster.api.invoke;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An agent whose only function answers what the test says, then the request's body. */
final class FakeAgent implements CallAgent {
  final List<Invocation> invocations = new CopyOnWriteArrayList<>();
  final List<CallCompletion> held = new CopyOnWriteArrayList<>();
  volatile Headers headers = new Headers();
  volatile int status = 200;
  volatile @Nullable RuntimeException failure;
  volatile boolean hold;

  Invocation last() {
    return invocations.get(invocations.size() - 1);
  }

  @Override
  public void submit(Invocation invocation, CallCompletion completion) {
    invocations.add(invocation);
    RuntimeException refusal = failure;
    if (hold) {
      held.add(completion);
    } else if (refusal != null) {
      completion.done(refusal);
    } else {
      Headers answer = headers.copy();
      if (invocation.call().type() == CallType.DETACHED) {
        answer.set("Content-Length", "0");
      }
      invocation.response().head(status, answer);
      new Echo(invocation, completion).start();
    }
  }

  @Override
  public void close(Duration grace) {}

  /** A body as text, on the event loop of its call. */
  static String text(ByteBuf data) {
    String text = data.toString(StandardCharsets.UTF_8);
    data.release();
    return text;
  }

  private static final class Echo implements BodyConsumer {
    private final Invocation invocation;
    private final CallCompletion completion;
    private @Nullable BodyReader reader;

    private Echo(Invocation invocation, CallCompletion completion) {
      this.invocation = invocation;
      this.completion = completion;
    }

    void start() {
      BodyReader opened = invocation.body().open(this);
      reader = opened;
      opened.request();
    }

    @Override
    public void chunk(ByteBuf data, boolean last) {
      if (invocation.call().type() == CallType.DETACHED) {
        data.release();
      } else {
        invocation.response().data(data);
      }
      BodyReader current = reader;
      if (last) {
        completion.done(null);
      } else if (current != null) {
        current.request();
      }
    }

    @Override
    public void failed(Throwable cause) {
      completion.done(cause);
    }
  }
}
