package dev.fncluster.api.plugin;

import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.extension.HttpMiddleware;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What middleware has put in the place of an exchange, where the next ones get it: whoever answers
 * calls its methods long after the middleware has returned, and does not expect them to throw. What
 * they throw ends the request, as a failure of the middleware. Confined as any exchange.
 */
final class GuardedExchange extends ForwardingExchange {
  private final HttpExchange given;
  private final HttpMiddleware middleware;
  // The end of an answer may come from any thread.
  private final AtomicBoolean failed = new AtomicBoolean();

  /**
   * Guards {@code handedOn}.
   *
   * @param given what the middleware was given
   */
  GuardedExchange(HttpExchange handedOn, HttpExchange given, HttpMiddleware middleware) {
    super(handedOn);
    this.given = given;
    this.middleware = middleware;
  }

  private void run(Runnable step) {
    if (failed.get()) {
      return;
    }
    try {
      step.run();
    } catch (Throwable failure) {
      fail(failure);
    }
  }

  private void fail(Throwable failure) {
    if (failed.compareAndSet(false, true)) {
      given.complete(ExtensionRunner.told(middleware, Subject.NONE, failure));
    }
  }

  // Before anything was begun: whoever asks fails with it.
  private <T> T ask(Supplier<T> question) {
    try {
      return Objects.requireNonNull(question.get(), "it returned null");
    } catch (Throwable failure) {
      throw ExtensionRunner.told(middleware, Subject.NONE, failure);
    }
  }

  @Override
  public HttpRequestHead request() {
    return ask(super::request);
  }

  @Override
  public RequestBody body() {
    return ask(super::body);
  }

  @Override
  public ResponseSink response() {
    return new Sink(ask(super::response));
  }

  @Override
  public void respond(HttpResponse response) {
    run(() -> super.respond(response));
  }

  @Override
  public void complete(@Nullable Throwable failure) {
    run(() -> super.complete(failure));
  }

  @Override
  public void setResponseHeader(String name, String value) {
    run(() -> super.setResponseHeader(name, value));
  }

  private final class Sink implements ResponseSink {
    private final ResponseSink sink;

    Sink(ResponseSink sink) {
      this.sink = sink;
    }

    @Override
    public void head(int status, Headers headers) {
      run(() -> sink.head(status, headers));
    }

    @Override
    public boolean isHeadWritten() {
      try {
        return sink.isHeadWritten();
      } catch (Throwable failure) {
        fail(failure);
        return given.response().isHeadWritten();
      }
    }

    @Override
    public void data(ByteBuf chunk) {
      if (failed.get()) {
        chunk.release();
        return;
      }
      // Whether one that throws has released it nobody knows: better lost than released twice.
      run(() -> sink.data(chunk));
    }

    @Override
    public boolean isWritable() {
      try {
        return failed.get() || sink.isWritable();
      } catch (Throwable failure) {
        fail(failure);
        return true;
      }
    }

    @Override
    public void onWritable(Runnable listener) {
      run(() -> sink.onWritable(listener));
    }
  }
}
