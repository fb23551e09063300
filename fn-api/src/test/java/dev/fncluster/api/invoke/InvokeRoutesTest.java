package dev.fncluster.api.invoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.auth.Scope;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.http.RawClient;
import dev.fncluster.api.http.RequestEnd;
import dev.fncluster.api.http.RequestObserver;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.SlotHash;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class InvokeRoutesTest {
  private static final Instant NOW = Instant.parse("2030-01-02T03:04:05.006Z");

  private final EventLoops loops = EventLoops.create(1, "test");
  private final FakeData data = new FakeData();
  private final FakeAgent agent = new FakeAgent();
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final HttpServer server =
      HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
          .observer(new Recording())
          .routes(
              InvokeRoutesTest::limited,
              routes ->
                  InvokeRoutes.create(
                          data, agent, new IdGenerator(1, () -> 1), InstantSource.fixed(NOW))
                      .addInvoke(routes)
                      .addTriggers(routes))
          .build();

  @BeforeEach
  void start() throws IOException {
    server.start();
    data.apps.put("app", app(Map.of("A", "app", "B", "app")));
    data.fns.put("fn", fn(Map.of("B", "fn", "FN_TYPE", "mine")));
    for (String source : new String[] {"/", "/tr", "/a b", "//x"}) {
      data.triggers.put(
          "apphttp" + source,
          new Trigger("tr", "trigger", "app", "fn", null, null, "http", source, Map.of()));
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close(Duration.ofMillis(100));
    loops.close();
  }

  @ParameterizedTest
  @CsvSource({"POST, /invoke/fn", "GET, /t/myapp/tr"})
  void whoIsForOtherAppsCallsNothing(String method, String path) throws Exception {
    RawClient.Answer refused = ask(method, path, "", "Only-App: other");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).isEqualTo("{\"message\":\"Token is not for this app\"}\n");
    assertThat(agent.invocations).isEmpty();

    assertThat(ask(method, path, "", "Only-App: app").status()).isEqualTo(200);
  }

  // As a guard does who has found out whose token it is.
  private static HttpHandler limited(String method, String pattern, HttpHandler next) {
    return exchange -> {
      HttpRequestHead request = exchange.request();
      String app = request.headers().first("Only-App");
      if (app != null) {
        Caller caller = new Caller("c", Set.of(Scope.INVOKE), Optional.of(Set.of(app)));
        exchange.replaceRequest(request.from(caller, request.headers()));
      }
      next.handle(exchange);
    };
  }

  private static App app(Map<String, String> config) {
    return new App(
        "app", "myapp", config, Map.of("x", "1", "y", "{\"a\":1}"), "tcp://log:1", "", null, null);
  }

  private static Fn fn(Map<String, String> config) {
    return new Fn(
        "fn",
        "myfn",
        "app",
        "image:1",
        256,
        7,
        8,
        config,
        Map.of("x", "2", "y", "\"\""),
        "",
        null,
        null);
  }

  private final class Recording implements RequestObserver {
    @Override
    public void started(String method, String route) {}

    @Override
    public void finished(RequestEnd end) {
      observed.add(
          end.method()
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

  private RawClient.Answer ask(String method, String path, String body, String... headers)
      throws IOException {
    try (RawClient client = RawClient.connect(server.port())) {
      send(client, method, path, body, headers);
      return method.equals("HEAD") ? client.readHead() : client.read();
    }
  }

  private static void send(
      RawClient client, String method, String path, String body, String... headers)
      throws IOException {
    StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: h:1\r\n");
    for (String each : headers) {
      text.append(each).append("\r\n");
    }
    if (!body.isEmpty()) {
      text.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    client.send(text.append("\r\n").append(body).toString());
  }

  @Test
  void makesTheCallOfAnInvocation() throws IOException {
    agent.headers =
        new Headers()
            .add("Fn-Call-Id", "forged")
            .add("Fn-Http-Status", "418")
            .add("Fn-Fdk-Version", "fdk/1")
            .add("Content-Length", "2");
    RawClient.Answer answer =
        ask("POST", "/invoke/fn?q=1", "hi", "X-One: 1", "Connection: keep-alive");

    Invocation invocation = agent.last();
    Call call = invocation.call();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("hi");
    assertThat(answer.all("Fn-Call-Id")).containsExactly(call.id());
    assertThat(answer.all("Content-Length")).containsExactly("2");
    assertThat(answer.header("Fn-Http-Status")).isEqualTo("418");
    assertThat(call.id()).hasSize(26);
    assertThat(call.type()).isEqualTo(CallType.SYNC);
    assertThat(call.url()).isEqualTo("http://h:1/invoke/fn?q=1");
    assertThat(call.method()).isEqualTo("POST");
    assertThat(call.image()).isEqualTo("image:1");
    assertThat(call.memory()).isEqualTo(256);
    assertThat(call.timeout()).isEqualTo(7);
    assertThat(call.idleTimeout()).isEqualTo(8);
    assertThat(call.syslogUrl()).isEqualTo("tcp://log:1");
    assertThat(call.createdAt()).isEqualTo(NOW);
    assertThat(call.appId()).isEqualTo("app");
    assertThat(call.appName()).isEqualTo("myapp");
    assertThat(call.fnId()).isEqualTo("fn");
    assertThat(call.triggerId()).isEmpty();
    assertThat(call.headers().toMap())
        .isEqualTo(
            Map.of(
                "X-One", List.of("1"),
                "Connection", List.of("keep-alive"),
                "Content-Length", List.of("2")));
    assertThat(call.config())
        .isEqualTo(
            Map.of(
                "A", "app",
                "B", "fn",
                "FN_MEMORY", "256",
                "FN_TYPE", "sync",
                "FN_FN_ID", "fn",
                "FN_APP_ID", "app"));
    assertThat(call.annotations()).isEqualTo(Map.of("x", "2"));
    assertThat(invocation.slotHashId())
        .isEqualTo(SlotHash.hex(call, call.configWith(SlotHash.CONTAINER_CONFIG), ""));
    await()
        .untilAsserted(
            () -> assertThat(observed).containsExactly("POST /invoke/{fn_id} 200 USER fdk/1"));
  }

  @Test
  void remembersWhatFollowsFromAppAndFn() throws IOException {
    ask("POST", "/invoke/fn", "");
    Map<String, String> first = agent.last().call().config();
    ask("POST", "/invoke/fn", "");
    assertThat(agent.last().call().config()).isSameAs(first);
    String hash = agent.last().slotHashId();

    data.fns.put("fn", fn(Map.of("B", "new")));
    ask("POST", "/invoke/fn", "");
    assertThat(agent.last().call().config()).containsEntry("B", "new");
    assertThat(agent.last().slotHashId()).isNotEqualTo(hash);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void saysWhatIsMissing(boolean slow) throws IOException {
    data.slow = slow;
    RawClient.Answer fn = ask("POST", "/invoke/nope", "body");
    assertThat(fn.status()).isEqualTo(404);
    assertThat(fn.body()).isEqualTo("{\"message\":\"Fn not found\"}\n");
    assertThat(fn.all("Fn-Call-Id")).isEmpty();
    assertThat(ask("GET", "/t/nope/tr", "").body()).contains("App not found");
    assertThat(ask("GET", "/t/myapp/tr/", "").body()).contains("Trigger not found");
    assertThat(ask("POST", "/invoke/fn", "x").body()).isEqualTo("x");
    assertThat(ask("PUT", "/t/myapp/tr", "y").body()).isEqualTo("y");
    assertThat(ask("FOO", "/t/myapp/tr", "").status()).isEqualTo(405);
    assertThat(ask("GET", "/invoke/fn", "").status()).isEqualTo(405);
  }

  @Test
  void putsTheCallIdOnErrors() throws IOException {
    agent.failure = InvocationErrors.callTimeout();
    RawClient.Answer answer = ask("POST", "/invoke/fn", "");
    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.body()).isEqualTo("{\"message\":\"Timed out\"}\n");
    assertThat(answer.all("Fn-Call-Id")).containsExactly(agent.last().call().id());
    agent.failure = InvocationErrors.serverBusy();
    assertThat(ask("GET", "/t/myapp/tr", "").header("Retry-After")).isEqualTo("15");
    await()
        .untilAsserted(() ->
            assertThat(observed)
                .containsExactly(
                    "POST /invoke/{fn_id} 504 USER ", "GET /t/{app_name}/*source 503 SERVICE "));
  }

  @Test
  void encodesTheRequestOfATrigger() throws IOException {
    ask(
        "GET",
        "/t/myapp/a%20b?q=1&r=%20x",
        "body",
        "X-Foo: 1",
        "X-Foo: 2",
        "Content-Type: a/b",
        "Keep-Alive: 1",
        "Te: trailers",
        "Fn-Http-Status: 9",
        "Fn-Call-Id: me",
        "Fn-Invoke-Type: detached",
        "Fn-Intent: x");
    Call call = agent.last().call();
    assertThat(call.type()).isEqualTo(CallType.SYNC);
    assertThat(call.triggerId()).isEqualTo("tr");
    assertThat(call.headers().toMap())
        .isEqualTo(
            Map.ofEntries(
                Map.entry("Fn-Http-H-X-Foo", List.of("1", "2")),
                Map.entry("Content-Type", List.of("a/b")),
                Map.entry("Fn-Http-H-Te", List.of("trailers")),
                Map.entry("Fn-Http-H-Fn-Http-Status", List.of("9")),
                Map.entry("Fn-Http-H-Fn-Call-Id", List.of("me")),
                Map.entry("Fn-Http-H-Fn-Invoke-Type", List.of("detached")),
                Map.entry("Fn-Http-H-Fn-Intent", List.of("x")),
                Map.entry("Fn-Http-H-Content-Length", List.of("4")),
                Map.entry("Fn-Http-Method", List.of("GET")),
                Map.entry("Fn-Http-Request-Url", List.of("http://h:1/t/myapp/a%20b?q=1&r=%20x")),
                Map.entry("Fn-Intent", List.of("httprequest"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/t/myapp", "/t/myapp/", "/t/myapp/tr", "/t/myapp//x", "/t/myapp/a%20b"})
  void findsTriggersByTheirExactSource(String path) throws IOException {
    assertThat(ask("GET", path, "").status()).isEqualTo(200);
  }

  @Test
  void decodesTheAnswerOfATrigger() throws IOException {
    agent.headers =
        new Headers()
            .add("Fn-Http-Status", " 418")
            .add("Fn-Http-H-Zed", "1")
            .add("Fn-Http-H-Zed", "2")
            .add("Fn-Http-H-", "x")
            .add("Fn-Http-H-Content-Length", "99")
            .add("Fn-Http-H-Keep-Alive", "1")
            .add("Fn-Http-H-Content-Type", "good/one")
            .add("Content-Type", "other/one")
            .add("X-Raw", "1")
            .add("Date", "function")
            .add("Fn-Fdk-Version", "fdk/1")
            .add("Content-Length", "4");
    RawClient.Answer answer = ask("GET", "/t/myapp/tr", "body");
    assertThat(answer.status()).isEqualTo(418);
    assertThat(answer.all("Zed")).containsExactly("1", "2");
    assertThat(answer.all("Content-Type")).containsExactly("good/one");
    assertThat(answer.all("Content-Length")).containsExactly("4");
    assertThat(answer.all("Fn-Call-Id")).containsExactly(agent.last().call().id());
    assertThat(answer.header("Date")).endsWith("GMT");
    assertThat(answer.headers())
        .noneMatch(each -> each.matches("(?i)(x-raw|fn-http|fn-fdk|keep-alive).*"));
    assertThat(answer.body()).isEqualTo("body");
    await()
        .untilAsserted(
            () -> assertThat(observed).containsExactly("GET /t/{app_name}/*source 418 USER "));
  }

  @ParameterizedTest
  @CsvSource({
    "nope, 200",
    "0, 200",
    "-5, 200",
    "201.5, 200",
    "201, 201",
    "404, 404",
    "599, 599",
    "42, 502",
    "100, 502",
    "199, 502",
    "600, 502",
    "1000, 502",
    "99999999999, 200"
  })
  void takesTheStatusThatTheFunctionWants(String wanted, int status) throws IOException {
    agent.headers = new Headers().add("Fn-Http-Status", wanted).add("Fn-Http-H-X-Leak", "1");
    RawClient.Answer answer = ask("GET", "/t/myapp/tr", "");
    assertThat(answer.status()).isEqualTo(status);
    if (status == 502) {
      assertThat(answer.body()).isEqualTo("{\"message\":\"invalid function response\"}\n");
      assertThat(answer.all("X-Leak")).isEmpty();
      assertThat(answer.all("Fn-Call-Id")).hasSize(1);
    }
  }

  @Test
  void letsTheServiceStatusWinWhenItIsAnError() throws IOException {
    agent.status = 502;
    agent.headers = new Headers().add("Fn-Http-Status", "201");
    assertThat(ask("GET", "/t/myapp/tr", "").status()).isEqualTo(502);
  }

  @Test
  void answersWithoutABodyWhereHttpWantsNone() throws IOException {
    agent.headers = new Headers().add("Fn-Http-Status", "204").add("Content-Length", "4");
    assertThat(ask("POST", "/t/myapp/tr", "body").all("Content-Length")).isEmpty();
    agent.headers = new Headers();
    assertThat(ask("HEAD", "/t/myapp/tr", "").status()).isEqualTo(200);
    assertThat(agent.last().call().headers().first("Fn-Http-Method")).isEqualTo("HEAD");
  }

  @Test
  void acknowledgesDetachedCalls() throws IOException {
    agent.status = 202;
    RawClient.Answer answer = ask("POST", "/invoke/fn", "body", "Fn-Invoke-Type: detached");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.all("Content-Length")).containsExactly("0");
    assertThat(answer.all("Fn-Call-Id")).containsExactly(agent.last().call().id());
    assertThat(agent.last().call().type()).isEqualTo(CallType.DETACHED);
    assertThat(agent.last().call().config()).containsEntry("FN_TYPE", "sync");

    agent.failure = InvocationErrors.detachUnsupported();
    assertThat(ask("POST", "/invoke/fn", "", "Fn-Invoke-Type: detached").status()).isEqualTo(501);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Detached", "sync", ""})
  void detachesForOneWordOnly(String word) throws IOException {
    assertThat(ask("POST", "/invoke/fn", "x", "Fn-Invoke-Type: " + word).body()).isEqualTo("x");
    assertThat(agent.last().call().type()).isEqualTo(CallType.SYNC);
  }

  @Test
  void cancelsWithTheClientUnlessDetached() throws IOException {
    agent.hold = true;
    List<CancelCause> causes = new CopyOnWriteArrayList<>();
    try (RawClient client = RawClient.connect(server.port());
        RawClient detached = RawClient.connect(server.port())) {
      send(detached, "POST", "/invoke/fn", "x", "Fn-Invoke-Type: detached");
      await().until(() -> agent.invocations.size() == 1);
      send(client, "POST", "/invoke/fn", "x");
      await().until(() -> agent.invocations.size() == 2);
    }
    agent.invocations.get(1).context().onCancel(causes::add);
    await().untilAsserted(() -> assertThat(causes).containsExactly(CancelCause.CLIENT_GONE));
    assertThat(agent.invocations.get(0).context().isCancelled()).isFalse();
    loops
        .loops()
        .get(0)
        .execute(() -> {
          agent.held.get(0).done(null);
          agent.held.get(1).done(InvocationErrors.clientCancelled());
        });
    await().untilAsserted(() -> assertThat(observed).hasSize(2));
    assertThat(observed).contains("POST /invoke/{fn_id} 444 SERVICE ");
  }
}
