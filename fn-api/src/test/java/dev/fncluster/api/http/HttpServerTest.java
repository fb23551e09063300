package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
  private static @Nullable EventLoops loops;

  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private @Nullable HttpServer server;

  @BeforeAll
  static void startLoops() {
    loops = EventLoops.create(1, "test");
  }

  @AfterAll
  static void stopLoops() {
    loops().close();
  }

  @AfterEach
  void stop() throws InterruptedException {
    gate.countDown();
    HttpServer running = server;
    if (running != null) {
      running.close(Duration.ofSeconds(5));
    }
  }

  private static EventLoops loops() {
    EventLoops started = loops;
    if (started == null) {
      throw new AssertionError("not started");
    }
    return started;
  }

  private RawClient connect() throws IOException {
    return connect(Map.of());
  }

  private RawClient connect(Map<String, String> environment) throws IOException {
    HttpServer running = server;
    if (running == null) {
      running = start(environment);
    }
    return RawClient.connect(running.port());
  }

  private HttpServer start(Map<String, String> environment) throws IOException {
    HttpServer started =
        HttpServer.builder(loops(), HttpServerSettings.from(Settings.of(environment)))
            .observer(new Recording())
            .routes(this::addRoutes)
            .build();
    started.start();
    server = started;
    return started;
  }

  @Test
  void oneConnectionTooManyIsClosedAndCounted() throws IOException {
    HttpServer limited = start(Map.of("FN_HTTP_MAX_CONNECTIONS", "2"));
    RawClient first = RawClient.connect(limited.port());
    first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(first.read().status()).isEqualTo(200);
    try (RawClient second = RawClient.connect(limited.port())) {
      second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(second.read().status()).isEqualTo(200);
      try (RawClient third = RawClient.connect(limited.port())) {
        assertThat(third.isClosed()).isTrue();
      }
      assertThat(observed).contains("refused");

      first.close();
      await().until(() -> limited.connectionCount() == 1);
      try (RawClient next = RawClient.connect(limited.port())) {
        next.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(next.read().status()).isEqualTo(200);
      }
    }
  }

  private void addRoutes(Routes routes) {
    routes.add("GET", "/", ServerPages.hello());
    routes.add("GET", "/version", ServerPages.version("1.2.3"));
    routes.addBlocking(
        "GET",
        "/metrics",
        ServerPages.metrics(
            accept -> new ServerPages.Page("text/x", accept.getBytes(StandardCharsets.UTF_8))));
    routes.add("GET", "/v2/apps", exchange -> exchange.respond(HttpResponse.json(200, "{}")));
    routes.add("POST", "/v2/apps", exchange -> exchange.respond(HttpResponse.json(200, "{}")));
    routes.addBlocking(
        "POST",
        "/echo",
        (request, body) ->
            new HttpResponse(200, new Headers(1).add("X-Length", "" + body.length), body));
    routes.addBlocking(
        "GET",
        "/wait",
        (request, body) -> {
          gate.await();
          return HttpResponse.empty(200);
        });
    routes.add("GET", "/fail/{how}", HttpServerTest::fail);
    routes.add(Routes.ANY_METHOD, "/stream", HttpServerTest::stream);
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

  private final class Recording implements RequestObserver {
    @Override
    public void connectionRefused() {
      observed.add("refused");
    }

    @Override
    public void started(String method, String route) {
      observed.add("+ " + method + " " + route);
    }

    @Override
    public void finished(RequestEnd end) {
      observed.add(
          "- "
              + end.method()
              + " "
              + end.route()
              + " "
              + end.status()
              + " "
              + end.blame()
              + " "
              + end.fdkVersion());
    }
  }

  private static String get(String path, String... headers) {
    return request("GET", path, headers);
  }

  private static String request(String method, String path, String... headers) {
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: h\r\n");
    for (String each : headers) {
      text.append(each).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  @Test
  void tellsAboutItself() throws IOException {
    try (RawClient client = connect()) {
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
    try (RawClient client = connect()) {
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
    assertThat(observed)
        .containsSubsequence("+ GET invalid", "- GET invalid 404 SERVICE ", "+ other invalid");
  }

  @Test
  void redirectsWhereASlashIsOff() throws IOException {
    try (RawClient client = connect()) {
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
    try (RawClient client = connect()) {
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
    assertThat(observed)
        .contains(
            "- GET /fail/{how} 503 SERVICE ",
            "- GET /fail/{how} 418 USER ",
            "- GET /fail/{how} 444 SERVICE ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"late", "short", "long"})
  void resetsAnAnswerItCanNotEnd(String how) throws IOException {
    try (RawClient client = connect()) {
      client.send(get("/fail/" + how));
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void streamsInChunksOrWithTheLengthItKnows() throws IOException {
    try (RawClient client = connect()) {
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
    assertThat(observed).contains("- GET /stream 200 USER fdk/1");
  }

  @Test
  void speaksTheOldProtocol() throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer kept =
          client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();
      assertThat(kept.header("Connection")).isEqualTo("keep-alive");
      RawClient.Answer streamed = client.send("GET /stream HTTP/1.0\r\n\r\n").read();
      assertThat(streamed.all("Transfer-Encoding")).isEmpty();
      assertThat(streamed.header("Connection")).isEqualTo("close");
      assertThat(streamed.body()).isEqualTo("Hello world");
    }
  }

  @Test
  void answersPipelinedRequestsInTurn() throws IOException {
    try (RawClient client = connect()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        all.append(get("/stream"))
            .append(request("POST", "/echo", "Content-Length: 3"))
            .append("abc")
            .append(get("/nope" + i));
      }
      client.send(all.toString());
      for (int i = 0; i < 200; i++) {
        assertThat(client.read().body()).isEqualTo("Hello world");
        assertThat(client.read().body()).isEqualTo("abc");
        assertThat(client.read().body()).contains("/nope" + i + "\"");
      }
    }
  }

  @Test
  void closesWhenAskedTo() throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer last = client.send(get("/", "Connection: close")).read();
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void refusesWhatIsTooLongByItsOwnWord() throws IOException {
    try (RawClient client = connect(Map.of("FN_MAX_REQUEST_SIZE", "20000"))) {
      RawClient.Answer answer =
          client.send(request("POST", "/nowhere", "Content-Length: 20001")).read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body())
          .isEqualTo(
              "{\"message\":\"Content-Length too large for this server, 20001 \\u003e max"
                  + " 20000\"}\n");
      client.send("x".repeat(20001));
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
    assertThat(observed.get(0)).isEqualTo("+ GET /");
  }

  @Test
  void refusesWhatTurnsOutTooLong() throws IOException {
    try (RawClient client = connect(Map.of("FN_MAX_REQUEST_SIZE", "5"))) {
      client.send(request("POST", "/echo", "Transfer-Encoding: chunked"));
      assertThat(client.send("5\r\n12345\r\n0\r\n\r\n").read().body()).isEqualTo("12345");
      client.send(request("POST", "/echo", "Transfer-Encoding: chunked"));
      RawClient.Answer answer = client.send("4\r\n1234\r\n2\r\n56\r\n").read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.body()).contains("max 5");
    }
  }

  @Test
  void keepsNoConnectionWhoseRestIsTooLong() throws IOException {
    try (RawClient client = connect(Map.of("FN_MAX_REQUEST_SIZE", "20000"))) {
      RawClient.Answer answer =
          client.send(request("POST", "/echo", "Content-Length: 100000000")).read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void limitsBodiesOfBlockingHandlers() throws IOException {
    try (RawClient client = connect(Map.of("FN_MAX_API_REQUEST_SIZE", "1024"))) {
      client.send(request("POST", "/echo", "Content-Length: 1024")).send("x".repeat(1024));
      assertThat(client.read().header("X-Length")).isEqualTo("1024");
      client.send(request("POST", "/echo", "Content-Length: 1025"));
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void limitsHowManyBlockingHandlersRun() throws IOException {
    try (RawClient first = connect(Map.of("FN_MAX_API_REQUESTS", "1"));
        RawClient second = connect()) {
      first.send(get("/wait"));
      await().until(() -> observed.contains("+ GET /wait"));
      assertThat(second.send(request("POST", "/echo")).read().status()).isEqualTo(503);
      gate.countDown();
      assertThat(first.read().status()).isEqualTo(200);
      assertThat(second.send(request("POST", "/echo")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void asksForTheBodyOnlyWhenItIsWanted() throws IOException {
    try (RawClient client = connect()) {
      client.send(request("POST", "/echo", "Content-Length: 3", "Expect: 100-continue"));
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("abc").read().body()).isEqualTo("abc");
      client.send(request("POST", "/nope", "Content-Length: 3", "Expect: 100-continue"));
      RawClient.Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    try (RawClient client = connect()) {
      assertThat(client.send(get("/", "Expect: miracles")).read().status()).isEqualTo(417);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunkedx\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
        "GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        "rubbish\r\n\r\n"
      })
  void refusesWhatCouldBeReadInTwoWays(String request) throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer answer = client.send(request).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(observed).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%", "/echo/%zz", "/%4", "/%c3%28", "/echo%00", "/%ff?x"})
  void refusesMalformedPathsAndGoesOn(String path) throws IOException {
    try (RawClient client = connect()) {
      RawClient.Answer answer = client.send(get(path)).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.body()).isEqualTo("{\"message\":\"Path malformed\"}\n");
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void refusesHeadsThatAreTooLong() throws IOException {
    Map<String, String> small = Map.of("FN_MAX_REQUEST_HEADER_SIZE", "1024");
    try (RawClient client = connect(small)) {
      assertThat(client.send(get("/", "A: " + "x".repeat(1100))).read().status()).isEqualTo(431);
    }
    try (RawClient client = connect(small)) {
      assertThat(client.send(get("/" + "x".repeat(1100))).read().status()).isEqualTo(414);
    }
    try (RawClient client = connect(small)) {
      assertThat(client.send("GET / HTTP/2.5\r\nHost: h\r\n\r\n").read().status()).isEqualTo(505);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "3\nabc\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n"})
  void answersBrokenChunks(String chunks) throws IOException {
    try (RawClient client = connect()) {
      client.send(request("POST", "/echo", "Transfer-Encoding: chunked"));
      RawClient.Answer answer = client.send(chunks).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void letsNoHeaderMakeUpOthers() throws IOException {
    try (RawClient client = connect()) {
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
    try (RawClient client = connect()) {
      RawClient.Answer answer =
          client.send(get("/head?q=%20", "x-tEXT: \u00c3\u00bc", "te: trailers")).read();
      assertThat(answer.body()).isEqualTo("Headers[X-Text, Te] ü http://h/head?q=%20");
    }
  }

  @Test
  void sharesWithAllowedOriginsOnly() throws IOException {
    Map<String, String> cors = Map.of("FN_API_CORS_ORIGINS", "http://ok.com, http://two.com");
    try (RawClient client = connect(cors)) {
      RawClient.Answer missing = client.send(get("/nope", "Origin: http://ok.com")).read();
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Access-Control-Allow-Origin")).isEqualTo("http://ok.com");
      assertThat(missing.all("Vary")).containsExactly("Origin");
      RawClient.Answer bad = client.send(get("/", "Origin: http://bad.com")).read();
      assertThat(bad.status()).isEqualTo(403);
      assertThat(bad.body()).isEmpty();
      RawClient.Answer preflight =
          client.send(request("OPTIONS", "/stream", "Origin: http://two.com")).read();
      assertThat(preflight.status()).isEqualTo(200);
      assertThat(preflight.body()).isEmpty();
      assertThat(preflight.header("Access-Control-Allow-Methods"))
          .isEqualTo("GET,POST,PUT,HEAD,DELETE");
      assertThat(preflight.header("Access-Control-Allow-Headers"))
          .isEqualTo("Origin,Content-Length,Content-Type");
      assertThat(preflight.header("Access-Control-Max-Age")).isEqualTo("43200");
      assertThat(preflight.all("Vary"))
          .containsExactly(
              "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers");
      assertThat(client.send(request("OPTIONS", "/v2/apps")).read().status()).isEqualTo(405);
    }
  }

  @Test
  void sharesWithEverybody() throws IOException {
    Map<String, String> cors = new HashMap<>();
    cors.put("FN_API_CORS_ORIGINS", "*");
    cors.put("FN_API_CORS_HEADERS", "x-one,X-TWO");
    try (RawClient client = connect(cors)) {
      RawClient.Answer any = client.send(get("/", "Origin: null")).read();
      assertThat(any.header("Access-Control-Allow-Origin")).isEqualTo("*");
      RawClient.Answer preflight = client.send(request("OPTIONS", "/", "Origin: x")).read();
      assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("X-One,X-Two");
    }
  }

  @Test
  void doesNotStartWithAMalformedOrigin() {
    assertThatThrownBy(() -> start(Map.of("FN_API_CORS_ORIGINS", "ok.com")))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_API_CORS_ORIGINS")
        .hasMessageContaining("\"ok.com\"");
  }

  @Test
  void namesThePortItCanNotHave() throws IOException {
    HttpServer first = start(Map.of());
    HttpServer second =
        HttpServer.builder(loops(), HttpServerSettings.from(Settings.of(Map.of())))
            .port(first.port())
            .build();
    assertThatThrownBy(second::start).hasMessageContaining("port " + first.port());
  }
}
