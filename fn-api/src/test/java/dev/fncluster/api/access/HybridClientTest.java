package dev.fncluster.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HybridClientTest {
  private record Answer(int status, String body) {}

  private final Queue<String> requests = new ConcurrentLinkedQueue<>();
  private final Queue<String> authorizations = new ConcurrentLinkedQueue<>();
  private final Queue<Answer> answers = new ArrayDeque<>();
  private HttpServer server;
  private HybridClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    client = new HybridClient(settings("http://127.0.0.1:" + port() + "/ignored/path"));
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  @Test
  void readsAnAppsIdByName() {
    answers.add(
        new Answer(200, "{\"next_cursor\":\"x\",\"items\":[{\"id\":\"a1\",\"name\":\"n\"}]}"));

    assertThat(client.appIdByName("日 n&x")).isEqualTo("a1");
    assertThat(requests).containsExactly("GET /v2/apps?name=%E6%97%A5+n%26x");
  }

  @Test
  void noSuchAppInTheListIsNotFound() {
    answers.add(new Answer(200, "{\"items\":[]}"));

    refused(() -> client.appIdByName("n"), 404, "App not found");
  }

  @Test
  void readsAnApp() {
    answers.add(
        new Answer(
            200,
            "{\"id\":\"a1\",\"name\":\"n\",\"config\":{\"k\":\"v\"},\"annotations\":{\"x\":1.50},"
                + "\"syslog_url\":\"tcp://h:1\",\"created_at\":\"2024-05-06T07:08:09.123+02:00\"}"));

    var app = client.app("a1");
    assertThat(app.config()).isEqualTo(Map.of("k", "v"));
    assertThat(app.annotations()).isEqualTo(Map.of("x", "1.50"));
    assertThat(app.syslogUrl()).isEqualTo("tcp://h:1");
    assertThat(app.createdAt()).isEqualTo(Instant.parse("2024-05-06T05:08:09.123Z"));
    assertThat(requests).containsExactly("GET /v2/apps/a1");
  }

  @Test
  void readsAFnOfAServerOfAnotherMake() {
    answers.add(
        new Answer(
            200,
            "{\"id\":\"f1\",\"name\":\"n\",\"app_id\":\"a1\",\"image\":\"i\",\"memory\":128,"
                + "\"timeout\":30,\"idle_timeout\":20,\"config\":null,\"created_at\":\"\"}"));

    var fn = client.fn("f 1/?#%é");
    assertThat(fn.memory()).isEqualTo(128);
    assertThat(fn.idleTimeout()).isEqualTo(20);
    assertThat(fn.config()).isEmpty();
    assertThat(requests).containsExactly("GET /v2/fns/f%201/%3F%23%25%C3%A9");
  }

  @Test
  void asksForATriggerWithTheSlashOfItsSource() {
    answers.add(new Answer(200, "{\"id\":\"t1\",\"fn_id\":\"f1\",\"source\":\"/a b?\"}"));

    assertThat(client.triggerBySource("a1", "http", "/a b?").fnId()).isEqualTo("f1");
    assertThat(client.triggerBySource("a1", "http", "/").fnId()).isEqualTo("f1");
    assertThat(client.triggerBySource("a1", "http", "//x").fnId()).isEqualTo("f1");
    assertThat(requests)
        .containsExactly(
            "GET /v2/runner/apps/a1/triggerBySource/http//a%20b%3F",
            "GET /v2/runner/apps/a1/triggerBySource/http//",
            "GET /v2/runner/apps/a1/triggerBySource/http///x");
  }

  @Test
  void passesARefusalOnAtOnce() {
    answers.add(new Answer(404, "{\"message\":\"Fn not found\"}\n"));

    refused(() -> client.fn("f"), 404, "Fn not found");
    assertThat(requests).hasSize(1);
  }

  @Test
  void showsItsToken(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "old.token-1=\n");
    answers.add(new Answer(200, "{\"id\":\"f1\"}"));
    try (HybridClient other = client(file)) {
      assertThat(other.fn("f").id()).isEqualTo("f1");
      assertThat(authorizations).containsExactly("Bearer old.token-1=");
    }
    assertThat(client.fn("f").id()).isEqualTo("f1");
    assertThat(authorizations).last().isEqualTo("null");
  }

  @Test
  void readsItsTokenAgainWhenItIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "old");
    answers.addAll(
        List.of(
            new Answer(401, "{\"message\":\"Token has expired\"}"),
            new Answer(200, "{\"id\":\"f1\"}")));
    try (HybridClient other = client(file)) {
      Files.writeString(file, "new\n");
      assertThat(other.fn("f").id()).isEqualTo("f1");
    }
    assertThat(authorizations).containsExactly("Bearer old", "Bearer new");
  }

  @Test
  void callersAreNotToldThatTheyMayNotWhenItIsWeWhoMayNot(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "old");
    answers.add(new Answer(403, "{\"message\":\"Token has not the scope for this\"}"));
    try (HybridClient other = client(file)) {
      Files.delete(file);
      refused(() -> other.fn("f"), 503, "The API node can't be reached");
    }
  }

  @Test
  void whatCannotBeATokenIsNoneAndNotShown() {
    assertThatThrownBy(() ->
            AccessSettings.from(
                Settings.of(
                    Map.of("FN_RUNNER_API_URL", "http://a", "FN_RUNNER_API_TOKEN", "s3cret x"))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_RUNNER_API_TOKEN")
        .hasMessageNotContaining("s3cret");
    assertThat(
            AccessSettings.from(
                    Settings.of(
                        Map.of("FN_RUNNER_API_URL", "http://a", "FN_RUNNER_API_TOKEN", "s3cret")))
                .toString())
        .doesNotContain("s3cret");
  }

  private HybridClient client(Path token) {
    return new HybridClient(
        AccessSettings.from(
            Settings.of(
                Map.of(
                    "FN_RUNNER_API_URL",
                    "http://127.0.0.1:" + port(),
                    "FN_RUNNER_API_TOKEN_FILE",
                    token.toString()))));
  }

  @Test
  void triesAgainAfterAServerErrorAndAnAnswerItCanNotRead() {
    answers.addAll(
        List.of(
            new Answer(500, "{\"message\":\"internal server error\"}"),
            new Answer(200, "{\"id\":"),
            new Answer(200, "{\"id\":\"f1\"}")));

    assertThat(client.fn("f").id()).isEqualTo("f1");
    assertThat(requests).hasSize(3);
  }

  @Test
  void givesUpAfterFiveRetries() {
    answers.add(new Answer(502, ""));

    refused(() -> client.fn("f"), 503, "The API node can't be reached");
    assertThat(requests).hasSize(6);
  }

  @Test
  void aNodeThatIsNotThereIsUnreachable() {
    server.stop(0);

    refused(() -> client.fn("f"), 503, "The API node can't be reached");
  }

  @Test
  void somethingElseThanAnApiNodeIsUnreachable() {
    answers.add(new Answer(404, "<html>"));
    refused(() -> client.fn("f"), 503, "The API node can't be reached");
    answers.clear();
    answers.add(new Answer(302, ""));
    refused(() -> client.fn("f"), 503, "The API node can't be reached");
    assertThat(requests).hasSize(12);
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    answers.add(new Answer(500, ""));
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              Thread.currentThread().interrupt();
              refused(() -> client.fn("f"), 503, "The API node can't be reached");
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
              requests.add("interrupted");
            });

    assertThat(reader.join(java.time.Duration.ofSeconds(10))).isTrue();
    assertThat(requests).contains("interrupted").hasSizeLessThan(3);
  }

  @Test
  void needsAUrlWithAHost() {
    assertThat(settings("//h:1").apiUrls()).containsExactly(URI.create("http://h:1"));
    assertThat(settings("HTTPS://h/x?y").apiUrls()).containsExactly(URI.create("https://h"));
    assertThat(settings("http://h:1, http://g/x,,http://h:1/").apiUrls())
        .containsExactly(URI.create("http://h:1"), URI.create("http://g"));
    for (String wrong : List.of("localhost:8080", "http://", "http:///x", "host", "//h:1,g")) {
      assertThatThrownBy(() -> settings(wrong))
          .as(wrong)
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("FN_RUNNER_API_URL");
    }
    assertThatThrownBy(() -> settings("localhost:8080"))
        .hasMessageContaining("no host specified for client");
    assertThatThrownBy(() -> settings("ftp://h")).hasMessageContaining("neither http nor https");
    assertThatThrownBy(() -> AccessSettings.from(Settings.of(Map.of())))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_RUNNER_API_URL is not set");
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private static AccessSettings settings(String url) {
    return AccessSettings.from(Settings.of(Map.of("FN_RUNNER_API_URL", url)));
  }

  private static void refused(ThrowingCallable call, int code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }
}
