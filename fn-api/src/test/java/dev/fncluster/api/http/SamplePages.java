package dev.fncluster.api.http;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Routes for tests of a server: one that answers at once, one that blocks, one that streams. */
final class SamplePages {
  private SamplePages() {}

  static void add(Routes routes) {
    routes.add("GET", "/", ServerPages.hello());
    routes.add("GET", "/v2/apps", exchange -> exchange.respond(HttpResponse.json(200, "{}")));
    routes.add("POST", "/v2/apps", exchange -> exchange.respond(HttpResponse.json(200, "{}")));
    routes.addBlocking(
        "POST",
        "/echo",
        (request, body) ->
            new HttpResponse(200, new Headers(1).add("X-Length", "" + body.length), body));
    routes.add(Routes.ANY_METHOD, "/stream", SamplePages::stream);
  }

  /** Answers "Hello world" in two pieces, with the length and status that the request asks for. */
  private static void stream(HttpExchange exchange) {
    ResponseSink sink = exchange.response();
    Headers headers = new Headers().add("Date", "mine").add("Fn-Fdk-Version", "fdk/1");
    String length = exchange.request().headers().first("X-Announce");
    if (length != null) {
      headers.add("Content-Length", length);
    }
    exchange.blameUser();
    String status = exchange.request().headers().first("X-Status");
    sink.head(status == null ? 200 : Integer.parseInt(status), headers);
    sink.data(Unpooled.copiedBuffer("Hello ", StandardCharsets.UTF_8));
    exchange
        .eventLoop()
        .execute(() -> {
          sink.data(Unpooled.copiedBuffer("world", StandardCharsets.UTF_8));
          exchange.complete(null);
        });
  }
}
