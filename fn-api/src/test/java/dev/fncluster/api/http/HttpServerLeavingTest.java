package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.StreamingPages.FLOOD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, at any moment of their request, and a server that stops. */
@Timeout(120)
final class HttpServerLeavingTest {
  private final StreamingPages pages = new StreamingPages();
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(pages::add);

  @Test
  void noticesAClientThatLeavesWhileItWaits() throws Exception {
    RawClient client = rig.connect();
    client.send(get("/hold"));
    pages.exchange();
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void noticesAClientThatLeavesWhileItsBodyIsNotRead() throws Exception {
    RawClient client = rig.connect();
    client.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
    client.send(new byte[100_000]);
    pages.exchange();
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void noticesAClientThatResets() throws Exception {
    RawClient client = rig.connect();
    client.send(get("/hold"));
    pages.exchange();
    client.socket().setSoLinger(true, 0);
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE));
  }

  /**
   * That the kernel asks is all that a test can see of it: it would take minutes until it is over.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void asksClientsThatAreSilentWhetherTheyAreThere() throws Exception {
    int port = rig.start(Map.of()).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send(get("/")).read();
      await().until(() -> hasKeepaliveTimer(port));
    }
  }

  // A line has its number, the addresses of both sides, the state (01 for established), what is
  // queued, and the kind of timer (02 for keep-alive).
  private static boolean hasKeepaliveTimer(int port) throws IOException {
    Pattern socket =
        Pattern.compile(
            "\\d+: [0-9A-F]+:%04X [0-9A-F]+:[0-9A-F]{4} 01 [0-9A-F:]+ 02:.*".formatted(port));
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      Path file = Path.of(table);
      if (Files.exists(file)
          && Files.readAllLines(file).stream()
              .anyMatch(line -> socket.matcher(line.strip()).matches())) {
        return true;
      }
    }
    return false;
  }

  @Test
  void noticesAClientThatLeavesInTheMiddleOfAnAnswer() throws Exception {
    RawClient client = RawClient.withReceiveBuffer(rig.start(Map.of()).port(), 8 * 1024);
    client.send(get("/hold"));
    HttpExchange exchange = pages.exchange();
    exchange
        .eventLoop()
        .execute(() -> {
          exchange.response().head(200, new Headers());
          exchange.response().data(Unpooled.wrappedBuffer(new byte[FLOOD]));
        });
    assertThat(client.in().read()).isEqualTo('H');
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void noticesAClientThatLeavesBehindPipelinedRequests() throws Exception {
    RawClient client = rig.connect();
    client.send(get("/hold") + get("/hold") + get("/hold"));
    pages.exchange();
    client.close();
    await()
        .untilAsserted(
            () -> assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE));
  }

  @Test
  void endsTheReadingOfABodyThatWillNotCome() throws Exception {
    RawClient client = rig.connect();
    client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
    pages.exchange();
    client.close();
    await().untilAsserted(() -> assertThat(pages.failures()).hasSize(1));
    assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE);
  }

  @Test
  void finishesWhatIsUnderWayBeforeItCloses() throws Exception {
    HttpServer running = rig.start(Map.of());
    try (RawClient busy = RawClient.connect(running.port());
        RawClient idle = RawClient.connect(running.port())) {
      assertThat(idle.send(get("/")).read().status()).isEqualTo(200);
      busy.send(get("/hold"));
      HttpExchange exchange = pages.exchange();
      Thread closer = closing(running);
      assertThat(idle.isClosed()).isTrue();
      assertThatThrownBy(() -> RawClient.connect(running.port()))
          .isInstanceOf(ConnectException.class);
      // It waits with a bound only for connections that have all been told.
      await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
      exchange.respond(HttpResponse.json(200, "{}"));
      RawClient.Answer answer = busy.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(busy.isClosed()).isTrue();
      closer.join();
    }
    assertThat(pages.cancelled()).isEmpty();
  }

  private static Thread closing(HttpServer running) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            running.close(Duration.ofSeconds(60));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void restsOfBodiesNobodyWantsDoNotKeepItFromClosing(boolean before) throws Exception {
    HttpServer running = rig.start(Map.of());
    try (RawClient client = RawClient.connect(running.port())) {
      client.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      HttpExchange exchange = pages.exchange();
      exchange
          .eventLoop()
          .submit(() -> exchange.response().head(200, new Headers().add("Content-Length", "0")))
          .get();
      if (before) {
        exchange.complete(null);
        assertThat(client.read().status()).isEqualTo(200);
      }
      Thread closer = closing(running);
      await()
          .untilAsserted(() ->
              assertThatThrownBy(() -> RawClient.connect(running.port()))
                  .isInstanceOf(ConnectException.class));
      if (!before) {
        exchange.complete(null);
        assertThat(client.read().status()).isEqualTo(200);
      }
      assertThat(client.isClosed()).isTrue();
      closer.join();
    }
  }

  @Test
  void cancelsWhatTakesLongerThanTheGrace() throws Exception {
    HttpServer running = rig.start(Map.of());
    try (RawClient busy = RawClient.connect(running.port())) {
      busy.send(get("/hold"));
      pages.exchange();
      running.close(Duration.ofMillis(50));
      assertThat(pages.cancelled()).containsExactly(CancelCause.SHUTDOWN);
      assertThat(busy.read().status()).isEqualTo(503);
    }
  }

  @Test
  void closesAllWhenWhoWaitsIsInterrupted() throws Exception {
    HttpServer running = rig.start(Map.of());
    try (RawClient busy = RawClient.connect(running.port())) {
      busy.send(get("/hold"));
      pages.exchange();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> running.close(Duration.ofHours(1)))
          .isInstanceOf(InterruptedException.class);
      assertThat(busy.isClosed()).isTrue();
    }
  }
}
