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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a server waits for its clients. */
@Timeout(120)
final class HttpServerTimeoutsTest {
  private final StreamingPages pages = new StreamingPages();
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(pages::add);

  @Test
  void closesIdleConnections() throws Exception {
    // The first request is to come before it is over, on a busy machine too.
    int port = rig.start(Map.of("FN_HTTP_IDLE_TIMEOUT", "3s")).port();
    try (RawClient client = RawClient.connect(port)) {
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void isNotIdleWhileAClientTakesItsAnswer() throws Exception {
    int port = rig.start(Map.of("FN_HTTP_IDLE_TIMEOUT", "1s")).port();
    try (RawClient client = RawClient.withReceiveBuffer(port, 8 * 1024)) {
      client.send(get("/flood"));
      for (int timeouts = 0; timeouts < 2; timeouts++) {
        try (RawClient idle = RawClient.connect(port)) {
          assertThat(idle.isClosed()).isTrue();
        }
      }
      assertThat(client.read().body()).hasSize(FLOOD);
    }
  }

  @Test
  void closesConnectionsThatNeverEndAHead() throws Exception {
    int port = rig.start(Map.of("FN_REQUEST_HEADER_READ_TIMEOUT", "2s")).port();
    try (RawClient silent = RawClient.connect(port);
        RawClient slow = RawClient.connect(port)) {
      slow.send(get("/")).read();
      slow.send("GET / HT");
      assertThat(silent.isClosed()).isTrue();
      assertThat(slow.isClosed()).isTrue();
    }
  }

  @Test
  void givesUpOnBodiesThatDoNotCome() throws Exception {
    int port = rig.start(Map.of("FN_REQUEST_BODY_READ_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FN_REQUEST_HEADER_READ_TIMEOUT, 'GET / HTTP/1.1\r\n'",
    "FN_REQUEST_BODY_READ_TIMEOUT, 'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n'"
  })
  void endsWithClientsThatSendALittleNowAndThen(String setting, String start) throws Exception {
    HttpServer running = rig.start(Map.of(setting, "300ms"));
    try (RawClient client = RawClient.connect(running.port())) {
      client.send(start);
      assertThatThrownBy(
              () -> {
                // Fewer bytes than were announced. That each comes well within the time, by a peer
                // that is slow on purpose, is what is shown: no condition stands for that pause.
                for (int i = 0; i < 90; i++) {
                  client.send("x");
                  Thread.sleep(100);
                }
              })
          .isInstanceOf(IOException.class);
    }
    await().until(() -> running.connectionCount() == 0);
  }

  @Test
  void givesUpOnClientsThatTakeNothing() throws Exception {
    HttpServer running = rig.start(Map.of("FN_RESPONSE_WRITE_TIMEOUT", "200ms"));
    try (RawClient client = RawClient.withReceiveBuffer(running.port(), 8 * 1024)) {
      client.send(get("/flood"));
      await().untilAsserted(() -> assertThat(rig.observed()).hasSize(2));
      await().until(() -> running.connectionCount() == 0);
      assertThatThrownBy(() -> client.in().skipNBytes(FLOOD)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void endsTheExchangeOfACallbackThatThrowsWhenTimeIsUp() throws Exception {
    int port = rig.start(Map.of("FN_REQUEST_BODY_READ_TIMEOUT", "100ms")).port();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /throw-at-the-end HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(500);
    }
  }

  @Test
  void endsTheReadingOfABodyWhoseClientTakesNothing() throws Exception {
    HttpServer running = rig.start(Map.of("FN_RESPONSE_WRITE_TIMEOUT", "200ms"));
    try (RawClient client = RawClient.withReceiveBuffer(running.port(), 8 * 1024)) {
      client.send("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
      HttpExchange exchange = pages.exchange();
      exchange
          .eventLoop()
          .execute(() -> {
            exchange.response().head(200, new Headers());
            exchange.response().data(Unpooled.wrappedBuffer(new byte[FLOOD]));
          });
      await().untilAsserted(() -> assertThat(pages.failures()).hasSize(1));
      assertThat(pages.cancelled()).containsExactly(CancelCause.CLIENT_GONE);
    }
  }
}
