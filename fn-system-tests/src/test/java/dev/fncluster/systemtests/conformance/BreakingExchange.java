package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Throws where the header says, long after its middleware has handed it on. */
final class BreakingExchange extends ForwardingExchange {
  private final String what;

  BreakingExchange(HttpExchange exchange, String what) {
    super(exchange);
    this.what = what;
  }

  private void breakAt(String where) {
    if (what.equals(where)) {
      throw new IllegalStateException("secret");
    }
  }

  @Override
  public RequestBody body() {
    breakAt("body");
    return super.body();
  }

  @Override
  public void respond(HttpResponse response) {
    breakAt("respond");
    super.respond(response);
  }

  @Override
  public void complete(@Nullable Throwable failure) {
    breakAt("complete");
    super.complete(failure);
  }

  @Override
  public ResponseSink response() {
    ResponseSink sink = super.response();
    return new ResponseSink() {
      @Override
      public void head(int status, Headers headers) {
        breakAt("head");
        sink.head(status, headers);
      }

      @Override
      public boolean isHeadWritten() {
        return sink.isHeadWritten();
      }

      @Override
      public void data(ByteBuf chunk) {
        breakAt("data");
        sink.data(chunk);
      }

      @Override
      public boolean isWritable() {
        return sink.isWritable();
      }

      @Override
      public void onWritable(Runnable listener) {
        sink.onWritable(listener);
      }
    };
  }
}
