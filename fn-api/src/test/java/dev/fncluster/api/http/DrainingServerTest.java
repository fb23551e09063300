package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.http.FrameClient.Frame;
import dev.fncluster.api.http.RawClient.Answer;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What becomes of requests that clients send while the server stops, before they can know of it.
 * Proxies under load always have some on their way, and don't send a POST again.
 */
@Timeout(120)
final class DrainingServerTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int ACK = 1;

  private final EventLoops loops = EventLoops.create(1, "test");
  private HttpServer server = build(LONG);

  @AfterEach
  void stop() throws InterruptedException {
    server.close(Duration.ZERO);
    loops.close();
  }

  @Test
  void oneMoreRequestOfAnIdleConnectionIsAnswered() throws Exception {
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      assertThat(client.send(get("/")).read().header("Connection")).isEmpty();
      Thread closing = closing();
      Answer last = client.send(get("/")).read();
      while (last.header("Connection").isEmpty()) {
        last = client.send(get("/")).read();
      }
      assertThat(last.status()).isEqualTo(200);
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
      closing.join();
    }
  }

  @Test
  void connectionsWithoutRequestsAreClosed() throws Exception {
    server = build(Duration.ofMillis(50));
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
      Thread closing = closing();
      assertThat(client.isClosed()).isTrue();
      closing.join();
    }
  }

  @Test
  void connectionsWithoutRequestsAreNotWaitedForBeyondTheGrace() throws Exception {
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
      server.close(Duration.ofMillis(50));
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void streamsThatCrossTheGoodbyeAreServed() throws Exception {
    server.start();
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/");
      client.await(FrameClient.DATA);
      Thread closing = closing();
      Frame first = client.await(FrameClient.GOAWAY);
      assertThat(first.payload()).containsExactly(0x7F, -1, -1, -1, 0, 0, 0, 0);
      Frame ping = client.await(FrameClient.PING);

      client.request(3, true, "GET", "/");
      client.send(FrameClient.PING, ACK, 0, ping.payload());

      List<Frame> rest = new ArrayList<>();
      for (Frame next = client.next(); next != null; next = client.next()) {
        rest.add(next);
      }
      assertThat(rest).filteredOn(Frame::endsStream).extracting(Frame::stream).containsExactly(3);
      assertThat(rest)
          .filteredOn(frame -> frame.type() == FrameClient.GOAWAY)
          .extracting(Frame::payload)
          .containsExactly(new byte[] {0, 0, 0, 3, 0, 0, 0, 0});
      client.close();
      closing.join();
    }
  }

  @Test
  void clientsThatAnswerNoPingAreNotWaitedForLong() throws Exception {
    server = build(Duration.ofMillis(50));
    server.start();
    try (FrameClient client = FrameClient.connect(server.port())) {
      client.request(1, true, "GET", "/");
      client.await(FrameClient.DATA);
      Thread closing = closing();
      client.await(FrameClient.GOAWAY);
      assertThat(client.await(FrameClient.GOAWAY).payload())
          .containsExactly(0, 0, 0, 1, 0, 0, 0, 0);
      assertThat(client.next()).isNull();
      client.close();
      closing.join();
    }
  }

  /** The first bytes of a new connection come when the server has begun to stop. */
  @Test
  void connectionsThatTurnOutToSpeakHttp2AreDrainedToo() throws Exception {
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      await().until(() -> server.connectionCount() == 1);
      Thread closing = closing();
      // It waits with a bound only for connections that have all been told.
      await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
      FrameClient speaking = FrameClient.on(client.socket());
      speaking.request(1, true, "GET", "/");
      assertThat(speaking.await(FrameClient.GOAWAY).payload()).startsWith(0x7F, -1, -1, -1);
      Frame ping = speaking.await(FrameClient.PING);
      speaking.send(FrameClient.PING, ACK, 0, ping.payload());
      assertThat(speaking.await(FrameClient.DATA).stream()).isEqualTo(1);
      speaking.close();
      closing.join();
    }
  }

  private Thread closing() {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            server.close(LONG);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  private HttpServer build(Duration lastRequests) {
    return HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
        .routes(routes -> routes.add("GET", "/", ServerPages.hello()))
        .lastRequests(lastRequests)
        .build();
  }
}
