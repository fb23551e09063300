package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.StreamingPages.FLOOD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.Unpooled;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

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
      Thread closer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  running.close(Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(idle.isClosed()).isTrue();
      assertThatThrownBy(() -> RawClient.connect(running.port()))
          .isInstanceOf(ConnectException.class);
      exchange.respond(HttpResponse.json(200, "{}"));
      RawClient.Answer answer = busy.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(busy.isClosed()).isTrue();
      closer.join();
    }
    assertThat(pages.cancelled()).isEmpty();
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
}
