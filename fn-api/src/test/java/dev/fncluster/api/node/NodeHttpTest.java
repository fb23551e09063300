package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.http.RawClient;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(120)
final class NodeHttpTest {
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1");
  private volatile ReadinessCheck check = ReadinessCheck.NONE;

  @AfterEach
  void end() {
    loops.close();
    metrics.close();
  }

  @Test
  void onePortServesEverything() throws Exception {
    NodeHttp http = start(Map.of("FN_PORT", "0"), ReadinessCheck.NONE);

    assertThat(http.adminPort()).isEqualTo(http.port());
    for (String path : new String[] {"/", "/version", "/metrics", "/health/live", "/own"}) {
      assertThat(get(http.port(), path).status()).as(path).isEqualTo(200);
    }
    close(http);
  }

  @Test
  void operatorsMayHaveAPortOfTheirOwn() throws Exception {
    NodeHttp http = start(Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0"), ReadinessCheck.NONE);

    assertThat(http.adminPort()).isNotEqualTo(http.port());
    for (String path : new String[] {"/version", "/metrics", "/health/live", "/health/ready"}) {
      assertThat(get(http.adminPort(), path).status()).as(path).isEqualTo(200);
      assertThat(get(http.port(), path).status()).as(path).isEqualTo(404);
    }
    assertThat(get(http.adminPort(), "/").body()).contains("world!");
    assertThat(get(http.port(), "/").body()).contains("world!");
    assertThat(get(http.port(), "/own").status()).isEqualTo(200);
    assertThat(get(http.adminPort(), "/own").body())
        .isEqualTo("{\"message\":\"Path not found: GET /own\"}\n");
    close(http);
  }

  @Test
  void operatorsCanLookIntoANodeOnAPortOfTheirOwnOnly() throws Exception {
    Setting<String> secret = Setting.text("FN_TEST_SECRET", "", "A secret.").secret();
    List<Setting<?>> known = new ArrayList<>(ListenSettings.all());
    known.add(secret);
    NodeHttp http =
        builder(Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0", "FN_TEST_SECRET", "hush"))
            .settings(known)
            .debugView("things", () -> List.of(Map.of("name", "a")))
            .build();
    http.start();

    assertThat(get(http.adminPort(), "/debug").body())
        .isEqualTo("/debug/settings\n/debug/threads\n/debug/things\n");
    assertThat(get(http.port(), "/debug").status()).isEqualTo(404);
    assertThat(get(http.adminPort(), "/debug/threads").body())
        .contains("test-loop", "NodeHttpTest");
    assertThat(get(http.adminPort(), "/debug/settings").body())
        .contains("FN_ADMIN_PORT=0\n", "FN_TEST_SECRET=***\n", "# FN_LOG_LEVEL=info\n")
        .doesNotContain("hush");
    assertThat(get(http.adminPort(), "/debug/things").body()).isEqualTo("[{\"name\":\"a\"}]\n");
    for (String page : new String[] {"threads", "settings", "things"}) {
      assertThat(get(http.port(), "/debug/" + page).status()).as(page).isEqualTo(404);
    }
    close(http);
  }

  @Test
  void withOnePortNobodyLooksIntoANode() throws Exception {
    NodeHttp http = start(Map.of("FN_PORT", "0"), ReadinessCheck.NONE);

    assertThat(get(http.port(), "/debug/threads").status()).isEqualTo(404);
    close(http);
  }

  @Test
  void requestsAreLoggedOnRequestWithoutWhatClientsWrote() throws Exception {
    List<String> lines =
        accessLog(
            Map.of(),
            http -> {
              assertThat(get(http.port(), "/own?password=1").status()).isEqualTo(200);
              assertThat(get(http.port(), "/elsewhere-1").status()).isEqualTo(404);
            });

    assertThat(lines)
        .anyMatch(pairs ->
            pairs.contains("method=\"GET\"")
                && pairs.contains("route=\"/own\"")
                && pairs.contains("status=\"200\""))
        .anyMatch(pairs -> pairs.contains("route=\"invalid\"") && pairs.contains("404"))
        .noneMatch(pairs -> pairs.contains("password") || pairs.contains("elsewhere"));
  }

  @Test
  void theLogOfRequestsHasTheAddressOfClientsBehindTrustedProxies() throws Exception {
    String claim = "X-Forwarded-For: 198.51.100.4, 203.0.113.9, 127.0.0.1\r\n";
    Map<String, String> trusting = Map.of("FN_TRUSTED_PROXIES", "127.0.0.0/8");

    assertThat(accessLog(trusting, http -> get(http.port(), "/own", claim)))
        .singleElement()
        .asString()
        .contains("client=\"203.0.113.9\"");
    // Also of what has no route.
    assertThat(accessLog(trusting, http -> get(http.port(), "/none", claim)))
        .singleElement()
        .asString()
        .contains("client=\"203.0.113.9\"");
    assertThat(accessLog(Map.of(), http -> get(http.port(), "/own", claim)))
        .singleElement()
        .asString()
        .contains("client=\"127.0.0.1\"");
  }

  private interface Use {
    void of(NodeHttp http) throws Exception;
  }

  /** What is logged of requests to a node with these settings, a line each. */
  private List<String> accessLog(Map<String, String> more, Use use) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("access");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try {
      Map<String, String> settings = new HashMap<>(more);
      settings.putAll(Map.of("FN_PORT", "0", "FN_LOG_ACCESS", "true"));
      NodeHttp http = start(settings, ReadinessCheck.NONE);
      use.of(http);
      close(http);
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }
    return lines.list.stream().map(line -> line.getKeyValuePairs().toString()).toList();
  }

  @Test
  void browsersFromElsewhereAreForUsersOnly() throws Exception {
    NodeHttp http =
        start(
            Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0", "FN_API_CORS_ORIGINS", "http://ok.com"),
            ReadinessCheck.NONE);

    String header = "Origin: http://ok.com\r\n";
    assertThat(get(http.port(), "/", header).header("Access-Control-Allow-Origin"))
        .isEqualTo("http://ok.com");
    assertThat(get(http.adminPort(), "/", header).header("Access-Control-Allow-Origin")).isEmpty();
    close(http);
  }

  @Test
  void aPortNamedTwiceIsOne() {
    ListenSettings same =
        ListenSettings.from(Settings.of(Map.of("FN_PORT", "8123", "FN_ADMIN_PORT", "8123")));

    assertThat(same.adminPort()).isEmpty();
    assertThat(ListenSettings.from(Settings.of(Map.of("FN_ADMIN_PORT", ""))).adminPort()).isEmpty();
    assertThat(ListenSettings.from(Settings.of(Map.of("FN_ADMIN_PORT", "9"))).adminPort())
        .contains(9);
  }

  @Test
  void listensOnOneAddressIfToldSo() throws Exception {
    NodeHttp http =
        start(
            Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0", "FN_BIND_ADDRESS", "127.0.0.2"),
            ReadinessCheck.NONE);
    for (int port : new int[] {http.port(), http.adminPort()}) {
      new Socket("127.0.0.2", port).close();
      assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
          .isInstanceOf(ConnectException.class);
    }
    close(http);
  }

  @Test
  void addressesOfOtherMachinesAndNonsenseAreRefused() {
    assertThatThrownBy(() ->
            start(Map.of("FN_PORT", "0", "FN_BIND_ADDRESS", "192.0.2.1"), ReadinessCheck.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can't listen on port 0 of 192.0.2.1");
    Settings nonsense = Settings.of(Map.of("FN_BIND_ADDRESS", "not an address"));
    assertThatThrownBy(() -> ListenSettings.from(nonsense))
        .hasMessage("FN_BIND_ADDRESS is \"not an address\", which is no address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536", "admin"})
  void wrongPortsAreRefused(String port) {
    Settings settings = Settings.of(Map.of("FN_ADMIN_PORT", port));

    assertThatThrownBy(() -> ListenSettings.from(settings))
        .hasMessageContaining("FN_ADMIN_PORT")
        .hasMessageContaining(port);
  }

  @Test
  void isNotReadyWithoutWhatItNeeds() throws Exception {
    NodeHttp http = start(Map.of("FN_PORT", "0"), () -> check.obstacle());
    assertThat(get(http.port(), "/health/ready").body()).isEqualTo("{\"status\":\"ready\"}");

    check = () -> "no disk";
    RawClient.Answer refused = get(http.port(), "/health/ready");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body()).isEqualTo("{\"message\":\"not ready: no disk\"}\n");

    check =
        () -> {
          throw new IOException("password of the store");
        };
    RawClient.Answer failed = get(http.port(), "/health/ready");
    assertThat(failed.status()).isEqualTo(503);
    assertThat(failed.body()).contains("its log says more").doesNotContain("password");
    assertThat(get(http.port(), "/health/live").body()).isEqualTo("{\"status\":\"live\"}");
    close(http);
  }

  @Test
  void canBeProbedForTheHeadAlone() throws Exception {
    NodeHttp http = start(Map.of("FN_PORT", "0"), () -> check.obstacle());
    assertThat(head(http.port(), "/health/live")).startsWith("HTTP/1.1 200 ");
    assertThat(head(http.port(), "/health/ready")).startsWith("HTTP/1.1 200 ");
    check = () -> "no disk";
    assertThat(head(http.port(), "/health/ready")).startsWith("HTTP/1.1 503 ");
    close(http);
  }

  /** All that comes, of which nothing may follow the head. */
  private static String head(int port, String path) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write(
              ("HEAD " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).endsWith("\r\n\r\n");
      return answer;
    }
  }

  @Test
  void tellsThatItStopsWhileItFinishes() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    NodeHttp http =
        builder(Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0"))
            .routes(routes ->
                routes.addBlocking(
                    "GET",
                    "/slow",
                    (request, body) -> {
                      entered.countDown();
                      goOn.await(60, TimeUnit.SECONDS);
                      return HttpResponse.empty(204);
                    }))
            .build();
    http.start();
    try (RawClient client = RawClient.connect(http.port())) {
      client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
      Thread closer = Thread.ofVirtual().start(() -> close(http));

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(get(http.adminPort(), "/health/ready").body())
                  .isEqualTo("{\"message\":\"not ready: stopping\"}\n"));
      assertThat(get(http.adminPort(), "/health/live").status()).isEqualTo(200);
      assertThat(get(http.adminPort(), "/metrics").status()).isEqualTo(200);

      goOn.countDown();
      RawClient.Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(closer.join(Duration.ofSeconds(60))).isTrue();
    }
  }

  private NodeHttp start(Map<String, String> settings, ReadinessCheck check) throws Exception {
    NodeHttp http =
        builder(settings)
            .routes(routes ->
                routes.add("GET", "/own", exchange -> exchange.respond(HttpResponse.empty(200))))
            .readiness(check)
            .build();
    http.start();
    return http;
  }

  private NodeHttp.Builder builder(Map<String, String> values) {
    Settings settings = Settings.of(values);
    return NodeHttp.builder(
        new NodeContext(settings, new BuildInfo("1"), metrics),
        loops,
        ListenSettings.from(settings));
  }

  private static RawClient.Answer get(int port, String path, String... headers) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      return client
          .send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + String.join("", headers) + "\r\n")
          .read();
    }
  }

  @Test
  void anInterruptEndsTheWaitForRequests() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    NodeHttp http =
        builder(Map.of("FN_PORT", "0"))
            .routes(routes -> routes.add("GET", "/hold", exchange -> begun.countDown()))
            .build();
    http.start();
    try (RawClient client = RawClient.connect(http.port())) {
      client.send(RawClient.get("/hold"));
      begun.await();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> http.close(Duration.ofHours(1)))
          .isInstanceOf(InterruptedException.class);
      assertThat(client.isClosed()).isTrue();
    }
  }

  private static void close(NodeHttp http) {
    try {
      http.close(Duration.ofSeconds(60));
      http.closeAdmin(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
