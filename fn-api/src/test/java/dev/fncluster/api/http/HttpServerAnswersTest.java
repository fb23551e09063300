package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server answers, with what its handlers give it and where they fail. */
final class HttpServerAnswersTest {
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(HttpServerAnswersTest::addRoutes);

  private static void addRoutes(Routes routes) {
    SamplePages.add(routes);
    routes.add("GET", "/version", ServerPages.version("1.2.3"));
    routes.addBlocking(
        "GET",
        "/metrics",
        ServerPages.metrics(
            accept -> new ServerPages.Page("text/x", accept.getBytes(StandardCharsets.UTF_8))));
    routes.add("GET", "/fail/{how}", HttpServerAnswersTest::fail);
    routes.add(
        "GET",
        "/head",
        exchange -> {
          Headers seen = exchange.request().headers();
          exchange.respond(
              HttpResponse.json(
                  200, seen + " " + seen.first("X-Text") + " " + exchange.request().url()));
        });
    routes.add(
        "GET",
        "/inject",
        exchange ->
            exchange.respond(
                new HttpResponse(
                    200,
                    new Headers()
                        .add("X-Evil", "a\r\nSet-Cookie: b")
                        .add("Bad Name", "c")
                        .add("Keep-Alive", "d")
                        .add("Transfer-Encoding", "chunked")
                        .add("X-Umlaut", "ü"),
                    new byte[0])));
  }

  private static void fail(HttpExchange exchange) {
    exchange.setResponseHeader("Fn-Call-Id", "call");
    switch (exchange.request().pathParameter("how")) {
      case "busy" -> exchange.complete(InvocationErrors.serverBusy());
      case "store" -> exchange.complete(InvocationErrors.storeUnavailable());
      case "unavailable" -> exchange.complete(new FunctionException(503, "says the function"));
      case "function" -> exchange.complete(new FunctionException(418, "a <b> & \"c\""));
      case "gone" -> exchange.complete(InvocationErrors.clientCancelled());
      case "thrown" -> throw new IllegalStateException("secret");
      case "late" -> {
        exchange.response().head(200, new Headers());
        exchange.response().data(Unpooled.copiedBuffer("half", StandardCharsets.UTF_8));
        exchange.complete(InvocationErrors.functionResponse(null));
      }
      case "short" -> {
        exchange.response().head(200, new Headers().add("Content-Length", "10"));
        exchange.response().data(Unpooled.copiedBuffer("half", StandardCharsets.UTF_8));
        exchange.complete(null);
      }
      case "long" -> {
        exchange.response().head(200, new Headers().add("Content-Length", "2"));
        exchange.response().data(Unpooled.copiedBuffer("half", StandardCharsets.UTF_8));
        exchange.complete(null);
      }
      case "status" -> {
        exchange.response().head(103, new Headers().add("X-Leak", "1"));
        exchange.complete(null);
      }
      default -> exchange.complete(InvocationErrors.pathNotFound("?", "?"));
    }
  }

  @Test
  void tellsAboutItself() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer hello = client.send(get("/")).read();
      assertThat(hello.statusLine()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(hello.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
      assertThat(hello.header("Date")).endsWith("GMT");
      assertThat(hello.body())
          .isEqualTo("{\"goto\":\"https://github.com/fnproject/fn\",\"hello\":\"world!\"}");
      assertThat(client.send(get("/version")).read().body()).isEqualTo("{\"version\":\"1.2.3\"}");
      RawClient.Answer metrics = client.send(get("/metrics", "Accept: text/y")).read();
      assertThat(metrics.header("Content-Type")).isEqualTo("text/x");
      assertThat(metrics.body()).isEqualTo("text/y");
    }
  }

  @Test
  void answersWhatHasNoRoute() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer missing = client.send(get("/v2/a%2Fb?x=1")).read();
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.body()).isEqualTo("{\"message\":\"Path not found: GET /v2/a/b\"}\n");
      RawClient.Answer wrong = client.send(request("DELETE", "/v2/apps")).read();
      assertThat(wrong.status()).isEqualTo(405);
      assertThat(wrong.body()).isEqualTo("{\"message\":\"Method not allowed: DELETE /v2/apps\"}\n");
      assertThat(wrong.all("Allow")).isEmpty();
      assertThat(client.send(request("HEAD", "/v2/apps")).readHead().status()).isEqualTo(405);
      assertThat(client.send(request("FOO", "/nope")).read().status()).isEqualTo(404);
    }
    assertThat(rig.observed())
        .containsSubsequence("+ GET invalid", "- GET invalid 404 SERVICE ", "+ other invalid");
  }

  @Test
  void redirectsWhereASlashIsOff() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer get = client.send(get("/v2/apps/?a=b")).read();
      assertThat(get.status()).isEqualTo(301);
      assertThat(get.header("Location")).isEqualTo("/v2/apps?a=b");
      assertThat(get.body()).isEqualTo("<a href=\"/v2/apps?a=b\">Moved Permanently</a>.\n\n");
      RawClient.Answer post = client.send(request("POST", "/v2/apps/")).read();
      assertThat(post.status()).isEqualTo(307);
      assertThat(post.header("Location")).isEqualTo("/v2/apps");
      assertThat(post.body()).isEmpty();
      assertThat(client.send(request("DELETE", "/v2/apps/")).read().status()).isEqualTo(404);
    }
  }

  @Test
  void turnsFailuresIntoAnswers() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer busy = client.send(get("/fail/busy")).read();
      assertThat(busy.status()).isEqualTo(503);
      assertThat(busy.header("Retry-After")).isEqualTo("15");
      assertThat(busy.header("Fn-Call-Id")).isEqualTo("call");
      assertThat(busy.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
      RawClient.Answer store = client.send(get("/fail/store")).read();
      assertThat(store.status()).isEqualTo(503);
      assertThat(store.header("Retry-After")).isEqualTo("15");
      assertThat(store.body())
          .isEqualTo("{\"message\":\"Database unavailable - try again later\"}\n");
      assertThat(client.send(get("/fail/unavailable")).read().all("Retry-After")).isEmpty();
      RawClient.Answer function = client.send(get("/fail/function")).read();
      assertThat(function.status()).isEqualTo(418);
      assertThat(function.all("Retry-After")).isEmpty();
      assertThat(function.body())
          .isEqualTo("{\"message\":\"a \\u003cb\\u003e \\u0026 \\\"c\\\"\"}\n");
      RawClient.Answer thrown = client.send(get("/fail/thrown")).read();
      assertThat(thrown.status()).isEqualTo(500);
      assertThat(thrown.body()).isEqualTo("{\"message\":\"internal server error\"}\n");
      RawClient.Answer status = client.send(get("/fail/status")).read();
      assertThat(status.status()).isEqualTo(500);
      assertThat(status.all("X-Leak")).isEmpty();
      assertThat(client.send(get("/fail/gone")).isClosed()).isTrue();
    }
    assertThat(rig.observed())
        .contains(
            "- GET /fail/{how} 503 SERVICE ",
            "- GET /fail/{how} 418 USER ",
            "- GET /fail/{how} 444 SERVICE ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"late", "short", "long"})
  void resetsAnAnswerItCanNotEnd(String how) throws IOException {
    try (RawClient client = rig.connect()) {
      client.send(get("/fail/" + how));
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void streamsInChunksOrWithTheLengthItKnows() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer chunked = client.send(get("/stream")).read();
      assertThat(chunked.header("Transfer-Encoding")).isEqualTo("chunked");
      assertThat(chunked.all("Content-Length")).isEmpty();
      assertThat(chunked.all("Date")).containsExactly("mine");
      assertThat(chunked.body()).isEqualTo("Hello world");
      RawClient.Answer sized = client.send(get("/stream", "X-Announce: 11")).read();
      assertThat(sized.all("Content-Length")).containsExactly("11");
      assertThat(sized.all("Transfer-Encoding")).isEmpty();
      assertThat(sized.body()).isEqualTo("Hello world");
      RawClient.Answer head = client.send(request("HEAD", "/stream", "X-Announce: 11")).readHead();
      assertThat(head.all("Content-Length")).containsExactly("11");
      RawClient.Answer none = client.send(get("/stream", "X-Status: 204")).read();
      assertThat(none.status()).isEqualTo(204);
      assertThat(none.all("Content-Length")).isEmpty();
      assertThat(none.all("Transfer-Encoding")).isEmpty();
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
    assertThat(rig.observed()).contains("- GET /stream 200 USER fdk/1");
  }

  @Test
  void letsNoHeaderMakeUpOthers() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer answer = client.send(get("/inject")).read();
      assertThat(answer.all("Set-Cookie")).isEmpty();
      assertThat(answer.header("X-Evil")).isEqualTo("a  Set-Cookie: b");
      assertThat(answer.headers()).noneMatch(each -> each.startsWith("Bad Name"));
      assertThat(answer.all("Keep-Alive")).isEmpty();
      assertThat(answer.all("Transfer-Encoding")).isEmpty();
      assertThat(answer.header("X-Umlaut").getBytes(StandardCharsets.ISO_8859_1))
          .isEqualTo("ü".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void handsOverTheHead() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer answer =
          client.send(get("/head?q=%20", "x-tEXT: \u00c3\u00bc", "te: trailers")).read();
      assertThat(answer.body()).isEqualTo("Headers[X-Text, Te] ü http://h/head?q=%20");
    }
  }
}
