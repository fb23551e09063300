package dev.fncluster.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A load balancer's reads from two API nodes, of which one may be away. */
class SeveralApiNodesTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String FN = "{\"id\":\"f1\"}";

  private final AtomicLong now = new AtomicLong();
  private final List<AutoCloseable> open = new ArrayList<>();
  private ApiNode first;
  private ApiNode second;

  /** An API node that counts what it is asked. */
  private static final class ApiNode {
    final AtomicInteger requests = new AtomicInteger();
    volatile int status = 200;
    volatile String body = FN;
    private final int port;
    private HttpServer server;

    ApiNode() throws IOException {
      server = listen(0);
      port = server.getAddress().getPort();
    }

    private HttpServer listen(int wanted) throws IOException {
      HttpServer started =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
      started.createContext(
          "/",
          exchange -> {
            requests.incrementAndGet();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      started.start();
      return started;
    }

    void stop() {
      server.stop(0);
    }

    void startAgain() throws IOException {
      server = listen(port);
    }

    String url() {
      return "http://127.0.0.1:" + port;
    }
  }

  @BeforeEach
  void start() throws IOException {
    first = new ApiNode();
    second = new ApiNode();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    first.stop();
    second.stop();
  }

  @Test
  void theFirstOneIsAsked() {
    HybridClient client = client(first.url(), second.url());

    assertThat(client.fn("f1").id()).isEqualTo("f1");

    assertThat(first.requests).hasValue(1);
    assertThat(second.requests).hasValue(0);
  }

  @Test
  void theNextOneIsAskedAtOnceAndFromThenOn() {
    HybridClient client = client(first.url(), second.url());
    first.stop();

    for (int i = 0; i < 5; i++) {
      assertThat(client.fn("f1").id()).isEqualTo("f1");
    }

    assertThat(second.requests).hasValue(5);
  }

  @Test
  void errorsOfANodeAreNotThoseOfTheCaller() {
    HybridClient client = client(first.url(), second.url());
    first.status = 503;
    first.body = "{\"message\":\"Database unavailable - try again later\"}";

    assertThat(client.fn("f1").id()).isEqualTo("f1");
    assertThat(client.fn("f1").id()).isEqualTo("f1");
    assertThat(first.requests).hasValue(1);

    second.status = 200;
    second.body = "<html>";
    first.status = 200;
    first.body = FN;
    assertThat(client.fn("f1").id()).as("an answer that is none").isEqualTo("f1");
  }

  @Test
  void aFnIsTheSameWhicheverNodeTellsOfIt() {
    HybridClient client = client(first.url(), second.url());
    first.body = shownBy(first);
    second.body = shownBy(second);
    Fn before = client.fn("f1");
    first.stop();

    Fn after = client.fn("f1");

    // Containers are told apart by annotations: another node must not make all of them cold.
    assertThat(after).isEqualTo(before);
    assertThat(after.annotations()).isEqualTo(Map.of("own", "1"));
  }

  // As API nodes do without FN_PUBLIC_LB_URL.
  private static String shownBy(ApiNode node) {
    return "{\"id\":\"f1\",\"annotations\":{\"own\":1,\"fnproject.io/fn/invokeEndpoint\":\""
        + node.url()
        + "/invoke/f1\"}}";
  }

  @Test
  void aRefusalIsFinal() {
    HybridClient client = client(first.url(), second.url());
    first.status = 404;
    first.body = "{\"message\":\"Fn not found\"}";

    assertThatThrownBy(() -> client.fn("f1")).hasMessage("Fn not found");
    assertThat(second.requests).hasValue(0);
  }

  @Test
  void aNodeThatIsBackIsFoundAndAskedAgain() throws Exception {
    HybridClient client = client(first.url(), second.url());
    first.stop();
    assertThat(client.fn("f1").id()).isEqualTo("f1");
    first.startAgain();
    assertThat(client.fn("f1").id()).isEqualTo("f1");
    assertThat(first.requests).as("not before its time").hasValue(0);

    now.addAndGet(ApiNodes.PROBE_INTERVAL.toNanos());
    assertThat(client.fn("f1").id()).isEqualTo("f1");

    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          int before = second.requests.get();
          assertThat(client.fn("f1").id()).isEqualTo("f1");
          assertThat(second.requests).hasValue(before);
        });
  }

  @Test
  void aNodeThatTakesRequestsAndSaysNothingCostsThreeSecondsOnce() throws IOException {
    ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(silent);
    HybridClient client = client("http://127.0.0.1:" + silent.getLocalPort(), second.url());

    long began = System.nanoTime();
    assertThat(client.fn("f1").id()).isEqualTo("f1");
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    for (int i = 0; i < 3; i++) {
      assertThat(client.fn("f1").id()).isEqualTo("f1");
    }

    assertThat(took).isGreaterThan(Duration.ofMillis(2500));
    assertThat(second.requests).hasValue(4);
  }

  @Test
  @Timeout(60)
  void aNodeThatStopsInTheMiddleOfAnAnswerIsNotWaitedFor() throws IOException {
    ServerSocket stopping = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(stopping);
    String cut = "HTTP/1.1 200 OK\r\nContent-Length: " + FN.length() + "\r\n\r\n{";
    Thread.ofVirtual()
        .start(() -> {
          try (Socket connection = stopping.accept()) {
            connection.getOutputStream().write(cut.getBytes(StandardCharsets.US_ASCII));
            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    HybridClient client = client("http://127.0.0.1:" + stopping.getLocalPort(), second.url());

    assertThat(client.fn("f1").id()).isEqualTo("f1");
    assertThat(second.requests).hasValue(1);
  }

  @Test
  void whereNobodyAnswersAllAreTriedUntilTheEnd() {
    HybridClient client = client(first.url(), second.url());
    first.status = 500;
    second.status = 502;

    assertThatThrownBy(() -> client.fn("f1"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(503));
    assertThat(first.requests).hasValue(HybridClient.MAX_RETRIES + 1);
    assertThat(second.requests).hasValue(HybridClient.MAX_RETRIES + 1);

    second.status = 200;
    assertThat(client.fn("f1").id()).isEqualTo("f1");
  }

  private HybridClient client(String... urls) {
    AccessSettings settings =
        AccessSettings.from(Settings.of(Map.of("FN_RUNNER_API_URL", String.join(",", urls))));
    HybridClient client = new HybridClient(settings, RandomGenerator.getDefault(), now::get);
    open.add(client);
    return client;
  }
}
