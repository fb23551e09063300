package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import dev.fncluster.api.auth.IdentityProvider;
import dev.fncluster.api.auth.NewToken;
import dev.fncluster.api.guard.Guarded;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.RawClient;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@SuppressWarnings("NullAway.Init")
final class NodeHttpAuthTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final NewToken ADMIN = token("admin", "admin");
  private static final NewToken READ = token("reader", "read");
  private static final NewToken LOOKUP = token("balancer", "lookup");
  private static final NewToken INVOKE = token("user", "invoke");
  private static final NewToken ENDED =
      NewToken.make("old", "admin", Optional.empty(), Optional.of("2026-11-24T12:00:00Z"));

  @TempDir Path folder;
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1");
  private volatile Instant now = NOW;
  private Path file;
  private NodeHttp http;

  @BeforeEach
  void begin() throws IOException {
    file = folder.resolve("tokens");
    write(ADMIN, READ, LOOKUP, INVOKE, ENDED);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (http != null) {
      http.close(Duration.ofSeconds(60));
      http.closeAdmin(Duration.ofSeconds(60));
    }
    loops.close();
    metrics.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET    /v2/apps,                            200 200 200 403",
    "POST   /v2/apps,                            200 403 403 403",
    "GET    /v2/triggers,                        200 200 403 403",
    "GET    /v2/runner/apps/a/triggerBySource/b/c, 200 403 200 403",
    "POST   /invoke/f,                           403 403 403 200",
    "PATCH  /t/app/source,                       403 403 403 200",
    "GET    /metrics,                            200 200 403 403",
    "GET    /version,                            200 200 200 200",
    "GET    /health/live,                        200 200 200 200",
    "GET    /health/ready,                       200 200 200 200",
    "GET    /,                                   200 200 200 200",
    "GET    /none,                               404 404 404 404",
  })
  void scopesOpenWhatTheyAreFor(String request, String statuses) throws Exception {
    start(Map.of());

    String[] words = request.split(" +");
    StringBuilder found = new StringBuilder();
    for (NewToken each : new NewToken[] {ADMIN, READ, LOOKUP, INVOKE}) {
      found.append(send(words[0], words[1], bearer(each)).status()).append(' ');
    }
    assertThat(found.toString().strip()).isEqualTo(statuses);
  }

  @Test
  void withoutATokenNothingIsServedButWhatProbesAsk() throws Exception {
    start(Map.of());

    for (String path : new String[] {"/v2/apps", "/metrics", "/t/app"}) {
      RawClient.Answer answer = send("GET", path, "");
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"fn\"");
      assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.body())
          .isEqualTo(
              "{\"message\":\"Missing token, expected \\\"Authorization: Bearer"
                  + " \\u003ctoken\\u003e\\\"\"}\n");
    }
    for (String path : new String[] {"/", "/version", "/health/live", "/health/ready"}) {
      assertThat(send("GET", path, "").status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void operatorsNeedNoTokenOnTheirPort() throws Exception {
    start(Map.of("FN_ADMIN_PORT", "0"));

    assertThat(send(http.adminPort(), "GET", "/metrics", "").status()).isEqualTo(200);
    assertThat(send("GET", "/metrics", "").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Basic YTpi",
        "Authorization: Bearer",
        "Authorization: Bearer =",
        "Authorization: Bearer a b",
        "Authorization: Bearer a,b",
        "Authorization: Bearer \u00e4",
        "Authorization: token",
        "Authorization: Bearer a\r\nAuthorization: Bearer a"
      })
  void whatIsNoTokenIsRefused(String header) throws Exception {
    start(Map.of());

    RawClient.Answer answer = send("GET", "/v2/apps", header + "\r\n");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate"))
        .isEqualTo("Bearer realm=\"fn\", error=\"invalid_token\"");
    assertThat(answer.body()).contains("Invalid Authorization header");
  }

  @Test
  void twoHeadersAreRefusedEvenIfOneIsGood() throws Exception {
    start(Map.of());

    assertThat(send("GET", "/v2/apps", bearer(ADMIN) + bearer(ADMIN)).status()).isEqualTo(401);
  }

  @Test
  void longTokensAreRefused() throws Exception {
    start(Map.of());

    String header = "Authorization: Bearer " + "a".repeat(20_000) + "\r\n";
    assertThat(send("GET", "/v2/apps", header).status()).isEqualTo(401);
  }

  @Test
  void aStrangersTokenIsRefused() throws Exception {
    start(Map.of());

    RawClient.Answer answer = send("GET", "/v2/apps", bearer(token("x", "admin")));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("{\"message\":\"Invalid token\"}\n");
  }

  @Test
  void theSchemeMayBeInAnyCase() throws Exception {
    start(Map.of());

    assertThat(send("GET", "/v2/apps", bearer(ADMIN).replace("Bearer", "bEARER")).status())
        .isEqualTo(200);
  }

  @Test
  void aTokenEnds() throws Exception {
    now = NOW.minusSeconds(1);
    start(Map.of());
    assertThat(send("GET", "/v2/apps", bearer(ENDED)).status()).isEqualTo(200);

    now = NOW;
    RawClient.Answer answer = send("GET", "/v2/apps", bearer(ENDED));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("{\"message\":\"Token has expired\"}\n");
  }

  @Test
  void tooLittleScopeIsSaid() throws Exception {
    start(Map.of());

    RawClient.Answer answer = send("GET", "/v2/apps", bearer(INVOKE));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.header("WWW-Authenticate"))
        .isEqualTo(
            "Bearer realm=\"fn\", error=\"insufficient_scope\", scope=\"admin lookup read\"");
    assertThat(answer.body())
        .isEqualTo(
            "{\"message\":\"Token has not the scope for this, expected admin or lookup or"
                + " read\"}\n");
  }

  @Test
  void handlersDoNotSeeTheToken() throws Exception {
    start(Map.of());

    assertThat(send("POST", "/invoke/f", bearer(INVOKE)).body()).isEqualTo("user: none");
  }

  @Test
  void handlersSeeTheTokenIfTheyAreTo() throws Exception {
    start(Map.of("FN_AUTH_FORWARD_HEADER", "true"));

    assertThat(send("POST", "/invoke/f", bearer(INVOKE)).body())
        .isEqualTo("user: Bearer " + INVOKE.token());
  }

  @Test
  void triggersMayBeOpen() throws Exception {
    start(Map.of("FN_AUTH_TRIGGERS", "false"));

    assertThat(send("GET", "/t/app", "").body()).isEqualTo(": none");
    assertThat(send("GET", "/t/app", "Authorization: Basic YTpi\r\n").body())
        .isEqualTo(": Basic YTpi");
    assertThat(send("POST", "/invoke/f", "").status()).isEqualTo(401);
  }

  @Test
  void tokensOfAnIdentityProviderAreTakenBesideThoseOfTheFile() throws Exception {
    ECKey key = IdentityProvider.ec("k");
    try (IdentityProvider provider = new IdentityProvider(key)) {
      start(
          Map.of(
              "FN_AUTH_JWKS_PATH",
              Files.writeString(folder.resolve("keys"), provider.keySet()).toString(),
              "FN_AUTH_JWT_ISSUER",
              IdentityProvider.ISSUER,
              "FN_AUTH_JWT_AUDIENCE",
              IdentityProvider.AUDIENCE));
      String header =
          "Authorization: Bearer "
              + IdentityProvider.token(key, IdentityProvider.claims(NOW, "fn:invoke").build())
              + "\r\n";

      for (int i = 0; i < 3; i++) {
        assertThat(send("POST", "/invoke/f", header).body()).isEqualTo("jwt: none");
      }
      assertThat(send("GET", "/v2/apps", header).status()).isEqualTo(403);
      assertThat(send("POST", "/invoke/f", bearer(INVOKE)).body()).isEqualTo("user: none");
      now = NOW.plusSeconds(700);
      RawClient.Answer ended = send("POST", "/invoke/f", header);
      assertThat(ended.status()).isEqualTo(401);
      assertThat(ended.body()).isEqualTo("{\"message\":\"Token has expired\"}\n");
      assertThat(ended.header("WWW-Authenticate")).contains("invalid_token");
      assertThat(send("POST", "/invoke/f", "Authorization: Bearer a.b.c\r\n").status())
          .isEqualTo(401);
    }
  }

  @Test
  void aTokenThatCannotBeCheckedIsNotSaidToBeBad() throws Exception {
    // Nobody listens on port 1.
    start(
        Map.of(
            "FN_AUTH_JWKS_URL",
            "http://127.0.0.1:1/keys",
            "FN_AUTH_JWT_ISSUER",
            IdentityProvider.ISSUER,
            "FN_AUTH_JWT_AUDIENCE",
            IdentityProvider.AUDIENCE));
    String token =
        IdentityProvider.token(
            IdentityProvider.ec("k"), IdentityProvider.claims(NOW, "fn:invoke").build());

    RawClient.Answer answer = send("POST", "/invoke/f", "Authorization: Bearer " + token + "\r\n");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("WWW-Authenticate")).isEmpty();
    assertThat(send("POST", "/invoke/f", bearer(INVOKE)).status()).isEqualTo(200);
  }

  @Test
  void withoutAFileOfTokensNobodyIsAsked() throws Exception {
    http = builder(Map.of("FN_PORT", "0")).build();
    http.start();

    assertThat(send("GET", "/v2/apps", "").status()).isEqualTo(200);
    assertThat(send("POST", "/invoke/f", "Authorization: Bearer a\r\n").body())
        .isEqualTo(": Bearer a");
  }

  @Test
  void theBodyOfARefusedRequestIsNotWaitedFor() throws Exception {
    start(Map.of());

    try (RawClient client = RawClient.connect(http.port())) {
      RawClient.Answer answer =
          client
              .send("POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
              .read();
      assertThat(answer.status()).isEqualTo(401);
    }
  }

  @Test
  void aChangedFileHoldsSoon() throws Exception {
    start(Map.of());
    NewToken added = token("added", "admin");
    write(READ, added);

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(send("GET", "/v2/apps", bearer(added)).status()).isEqualTo(200));
    assertThat(send("GET", "/v2/apps", bearer(ADMIN)).status()).isEqualTo(401);

    // What can't be read changes nothing; what comes after it does.
    Files.writeString(file, "nonsense");
    NewToken last = token("last", "admin");
    write(last);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(send("GET", "/v2/apps", bearer(last)).status()).isEqualTo(200));
  }

  @Test
  void aWrongFileStopsTheStart() throws Exception {
    Files.writeString(file, "\nnonsense");
    http = builder(Map.of("FN_PORT", "0", "FN_AUTH_TOKENS_PATH", file.toString())).build();
    assertThatThrownBy(http::start)
        .isInstanceOf(NodeStartException.class)
        .hasMessageStartingWith("FN_AUTH_TOKENS_PATH is \"" + file + "\"; line 2: expected a name");

    NodeHttp other = builder(Map.of("FN_PORT", "0", "FN_AUTH_TOKENS_PATH", "/none")).build();
    assertThatThrownBy(other::start)
        .isInstanceOf(NodeStartException.class)
        .hasMessageStartingWith("FN_AUTH_TOKENS_PATH is \"/none\", which can't be read: ");
  }

  private void start(Map<String, String> more) throws Exception {
    Map<String, String> values = new HashMap<>(more);
    values.put("FN_PORT", "0");
    values.put("FN_AUTH_TOKENS_PATH", file.toString());
    http = builder(values).build();
    http.start();
  }

  private NodeHttp.Builder builder(Map<String, String> values) {
    Settings settings = Settings.of(values);
    return NodeHttp.builder(
            new NodeContext(settings, new BuildInfo("1"), metrics),
            loops,
            ListenSettings.from(settings))
        .auth(
            new InstantSource() {
              @Override
              public Instant instant() {
                return now;
              }
            },
            Duration.ofMillis(20))
        .routes(Guarded.MANAGEMENT, NodeHttpAuthTest::management)
        .routes(Guarded.INVOKE, routes -> echo(routes, "POST", "/invoke/{fn_id}"))
        .routes(
            Guarded.TRIGGERS,
            routes -> {
              echo(routes, Routes.ANY_METHOD, "/t/{app_name}");
              echo(routes, Routes.ANY_METHOD, "/t/{app_name}/*source");
            });
  }

  private static void management(Routes routes) {
    routes
        .addBlocking("GET", "/v2/apps", (request, body) -> HttpResponse.empty(200))
        .addBlocking("POST", "/v2/apps", (request, body) -> HttpResponse.empty(200))
        .addBlocking("GET", "/v2/triggers", (request, body) -> HttpResponse.empty(200))
        .addBlocking(
            "GET",
            "/v2/runner/apps/{app_id}/triggerBySource/{trigger_type}/*trigger_source",
            (request, body) -> HttpResponse.empty(200));
  }

  private static void echo(Routes routes, String method, String pattern) {
    routes.add(
        method,
        pattern,
        exchange -> {
          String header = exchange.request().headers().first("Authorization");
          String text =
              exchange.request().caller().id() + ": " + (header == null ? "none" : header);
          exchange.respond(
              new HttpResponse(200, new Headers(), text.getBytes(StandardCharsets.UTF_8)));
        });
  }

  // Renamed into place: a file that is half written may hold fewer tokens than it should.
  private void write(NewToken... tokens) throws IOException {
    StringBuilder text = new StringBuilder();
    for (NewToken each : tokens) {
      text.append(each.line()).append('\n');
    }
    Path other = Files.writeString(folder.resolve("new"), text);
    Files.move(
        other,
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private RawClient.Answer send(String method, String path, String headers) throws IOException {
    return send(http.port(), method, path, headers);
  }

  private static RawClient.Answer send(int port, String method, String path, String headers)
      throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      return client
          .send(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n")
          .read();
    }
  }

  private static NewToken token(String id, String scopes) {
    return NewToken.make(id, scopes, Optional.empty(), Optional.empty());
  }

  private static String bearer(NewToken token) {
    return "Authorization: Bearer " + token.token() + "\r\n";
  }
}
