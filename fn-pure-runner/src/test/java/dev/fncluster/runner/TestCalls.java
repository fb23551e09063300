package dev.fncluster.runner;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes calls to an agent and collects what comes back. */
public final class TestCalls {
  /** How a call ended. */
  public record Outcome(
      Call call, int status, Headers headers, byte[] body, @Nullable Throwable failure) {
    /** The body as text. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** The failure, which has to be one that callers are told of. */
    public FnException error() {
      if (failure instanceof FnException error) {
        return error;
      }
      throw new AssertionError("ended with " + status + " and " + failure, failure);
    }
  }

  private TestCalls() {}

  /** A call of a function that does what {@code mode} says. */
  public static Call call(String id, String mode) {
    return new Call()
        .id(id)
        .appId("app")
        .fnId("fn")
        .image(TestImage.NAME)
        .timeout(10)
        .idleTimeout(30)
        .memory(128)
        .method("POST")
        .url("http://localhost/invoke/fn")
        .config(Map.of("FN_MEMORY", "128"))
        .headers(new Headers().add("X-Mode", mode));
  }

  /** An invocation whose answer is dropped. */
  static Invocation invocation(Call call, String text, CallContext context, EventLoop loop) {
    return invocation(call, BytesBody.of(text.getBytes(StandardCharsets.UTF_8)), context, loop);
  }

  /** An invocation whose answer is dropped. */
  public static Invocation invocation(
      Call call, RequestBody body, CallContext context, EventLoop loop) {
    return new Invocation(call, "", Map.of(), body, new Sink(), context, loop);
  }

  /** Starts a call. */
  public static CompletableFuture<Outcome> start(
      CallAgent agent, EventLoop loop, Call call, RequestBody body, CallContext context) {
    CompletableFuture<Outcome> result = new CompletableFuture<>();
    Sink sink = new Sink();
    loop.execute(() ->
        agent.submit(
            new Invocation(call, "", Map.of(), body, sink, context, loop),
            failure ->
                result.complete(
                    new Outcome(
                        call, sink.status, sink.headers, sink.out.toByteArray(), failure))));
    return result;
  }

  /** Makes a call that was given a key and extensions before, and waits for its end. */
  public static Outcome run(
      CallAgent agent, EventLoop loop, Call call, String slotHashId, Map<String, String> extensions)
      throws Exception {
    CompletableFuture<Outcome> result = new CompletableFuture<>();
    Sink sink = new Sink();
    RequestBody body = BytesBody.of(new byte[] {'x'});
    loop.execute(() ->
        agent.submit(
            new Invocation(call, slotHashId, extensions, body, sink, CallContext.create(), loop),
            failure ->
                result.complete(
                    new Outcome(
                        call, sink.status, sink.headers, sink.out.toByteArray(), failure))));
    return result.get(60, TimeUnit.SECONDS);
  }

  /** Starts a call with {@code text} as its body. */
  public static CompletableFuture<Outcome> start(
      CallAgent agent, EventLoop loop, Call call, String text) {
    return start(
        agent,
        loop,
        call,
        BytesBody.of(text.getBytes(StandardCharsets.UTF_8)),
        CallContext.create());
  }

  /** Makes a call and waits for its end. */
  public static Outcome run(CallAgent agent, EventLoop loop, Call call, String text)
      throws Exception {
    return start(agent, loop, call, text).get(60, TimeUnit.SECONDS);
  }

  private static final class Sink implements ResponseSink {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int status;
    private Headers headers = new Headers();

    @Override
    public void head(int code, Headers all) {
      status = code;
      headers = all;
    }

    @Override
    public boolean isHeadWritten() {
      return status != 0;
    }

    @Override
    public void data(ByteBuf chunk) {
      byte[] bytes = new byte[chunk.readableBytes()];
      chunk.readBytes(bytes);
      chunk.release();
      out.writeBytes(bytes);
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void onWritable(Runnable listener) {}
  }
}
