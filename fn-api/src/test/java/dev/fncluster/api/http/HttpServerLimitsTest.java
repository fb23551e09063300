package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How much a server takes of bodies, heads, connections and requests at once. */
final class HttpServerLimitsTest {
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(this::addRoutes);

  private final CountDownLatch gate = new CountDownLatch(1);

  private void addRoutes(Routes routes) {
    SamplePages.add(routes);
    routes.addBlocking(
        "GET",
        "/wait",
        (request, body) -> {
          gate.await();
          return HttpResponse.empty(200);
        });
  }

  @AfterEach
  void nobodyWaitsAnyMore() {
    gate.countDown();
  }

  @Test
  void oneConnectionTooManyIsClosedAndCounted() throws IOException {
    HttpServer limited = rig.start(Map.of("FN_HTTP_MAX_CONNECTIONS", "2"));
    RawClient first = RawClient.connect(limited.port());
    first.send(get("/"));
    assertThat(first.read().status()).isEqualTo(200);
    try (RawClient second = RawClient.connect(limited.port())) {
      second.send(get("/"));
      assertThat(second.read().status()).isEqualTo(200);
      try (RawClient third = RawClient.connect(limited.port())) {
        assertThat(third.isClosed()).isTrue();
      }
      assertThat(rig.observed()).contains("refused");

      first.close();
      await().until(() -> limited.connectionCount() == 1);
      try (RawClient next = RawClient.connect(limited.port())) {
        next.send(get("/"));
        assertThat(next.read().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void refusesWhatIsTooLongByItsOwnWord() throws IOException {
    try (RawClient client = rig.connect(Map.of("FN_MAX_REQUEST_SIZE", "20000"))) {
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
    assertThat(rig.observed().get(0)).isEqualTo("+ GET /");
  }

  @Test
  void refusesWhatTurnsOutTooLong() throws IOException {
    try (RawClient client = rig.connect(Map.of("FN_MAX_REQUEST_SIZE", "5"))) {
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
    try (RawClient client = rig.connect(Map.of("FN_MAX_REQUEST_SIZE", "20000"))) {
      RawClient.Answer answer =
          client.send(request("POST", "/echo", "Content-Length: 100000000")).read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void limitsBodiesOfBlockingHandlers() throws IOException {
    try (RawClient client = rig.connect(Map.of("FN_MAX_API_REQUEST_SIZE", "1024"))) {
      client.send(request("POST", "/echo", "Content-Length: 1024")).send("x".repeat(1024));
      assertThat(client.read().header("X-Length")).isEqualTo("1024");
      client.send(request("POST", "/echo", "Content-Length: 1025"));
      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void limitsHowManyBlockingHandlersRun() throws IOException {
    try (RawClient first = rig.connect(Map.of("FN_MAX_API_REQUESTS", "1"));
        RawClient second = rig.connect()) {
      first.send(get("/wait"));
      await().until(() -> rig.observed().contains("+ GET /wait"));
      assertThat(second.send(request("POST", "/echo")).read().status()).isEqualTo(503);
      gate.countDown();
      assertThat(first.read().status()).isEqualTo(200);
      assertThat(second.send(request("POST", "/echo")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void refusesHeadsThatAreTooLong() throws IOException {
    Map<String, String> small = Map.of("FN_MAX_REQUEST_HEADER_SIZE", "1024");
    try (RawClient client = rig.connect(small)) {
      assertThat(client.send(get("/", "A: " + "x".repeat(1100))).read().status()).isEqualTo(431);
    }
    try (RawClient client = rig.connect(small)) {
      assertThat(client.send(get("/" + "x".repeat(1100))).read().status()).isEqualTo(431);
    }
    try (RawClient client = rig.connect(small)) {
      assertThat(client.send("GET / HTTP/2.5\r\nHost: h\r\n\r\n").read().status()).isEqualTo(505);
    }
  }
}
