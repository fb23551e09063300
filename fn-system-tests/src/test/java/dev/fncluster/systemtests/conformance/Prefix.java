package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.extension.HttpMiddleware;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Middleware that puts a text before the body of every answer that is not an error. */
record Prefix(String text) implements HttpMiddleware {
  @Override
  public void handle(HttpExchange exchange, HttpHandler next) throws Exception {
    next.handle(new Prefixed(exchange));
  }

  private final class Prefixed extends ForwardingExchange implements ResponseSink {
    Prefixed(HttpExchange exchange) {
      super(exchange);
    }

    @Override
    public ResponseSink response() {
      return this;
    }

    @Override
    public void respond(HttpResponse response) {
      byte[] body =
          (text + new String(response.body(), StandardCharsets.UTF_8))
              .getBytes(StandardCharsets.UTF_8);
      super.respond(new HttpResponse(response.status(), response.headers(), body));
    }

    @Override
    public void head(int status, Headers headers) {
      super.response().head(status, headers.copy().remove("Content-Length"));
      super.response().data(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    @Override
    public boolean isHeadWritten() {
      return super.response().isHeadWritten();
    }

    @Override
    public void data(ByteBuf chunk) {
      super.response().data(chunk);
    }

    @Override
    public boolean isWritable() {
      return super.response().isWritable();
    }

    @Override
    public void onWritable(Runnable listener) {
      super.response().onWritable(listener);
    }
  }
}
