package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.StreamingPages.FLOOD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.Standstill;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies and answers come and go piece by piece, no faster than they are taken. */
@Timeout(120)
final class HttpServerStreamingTest {
  private static final int MEBIBYTE = 1 << 20;

  private final StreamingPages pages = new StreamingPages();
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(pages::add);

  @Test
  void streamsAHundredMebibytesInSmallPieces() throws Exception {
    int port = rig.start(Map.of()).port();
    int total = 100 * MEBIBYTE;
    long memoryBefore = EchoHandler.memory();
    try (RawClient client = RawClient.connect(port)) {
      client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + total + "\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] piece = new byte[MEBIBYTE];
                try {
                  for (int i = 0; i < 100; i++) {
                    client.send(piece);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      RawClient.Answer answer = client.read();
      sender.join();
      assertThat(answer.body()).hasSize(total);
    }
    assertThat(pages.echo().received()).isEqualTo(total);
    assertThat(pages.echo().largestPiece()).isLessThanOrEqualTo(64 * 1024);
    assertThat(pages.echo().mostMemory() - memoryBefore).isLessThan(8L * MEBIBYTE);
  }

  @Test
  void readsNoFasterThanTheClientTakesTheAnswer() throws Exception {
    int port = rig.start(Map.of()).port();
    int total = 64 * MEBIBYTE;
    long memoryBefore = EchoHandler.memory();
    try (RawClient client = RawClient.withReceiveBuffer(port, 8 * 1024)) {
      client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + total + "\r\n\r\n");
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                byte[] piece = new byte[MEBIBYTE];
                try {
                  for (int i = 0; i < 64; i++) {
                    client.send(piece);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      await().until(() -> pages.echo().received() > 0);
      // The kernel's buffers fill up, then nothing moves any more.
      assertThat(Standstill.of(pages.echo()::received)).isLessThan(32L * MEBIBYTE);
      assertThat(pages.echo().mostMemory() - memoryBefore).isLessThan(8L * MEBIBYTE);
      assertThat(client.read().body()).hasSize(total);
      sender.join();
    }
  }

  @Test
  void keepsConnectionsWhoseBodyCameUnasked() throws Exception {
    try (RawClient client = rig.connect()) {
      client.send(
          "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
      HttpExchange exchange = pages.exchange();
      exchange
          .eventLoop()
          .execute(() ->
              StreamingPages.askForPiece(
                  exchange,
                  () -> exchange.respond(HttpResponse.empty(200)),
                  pages.failures()::add));
      RawClient.Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEmpty();
    }
  }

  @Test
  void echoesTextThatComesByteByByte() throws Exception {
    int port = rig.start(Map.of()).port();
    try (RawClient client = RawClient.connect(port)) {
      String text =
          "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nA: trailer\r\n\r\n";
      for (byte each : text.getBytes(StandardCharsets.US_ASCII)) {
        client.send(new byte[] {each});
      }
      assertThat(client.read().body()).isEqualTo("abcd");
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void endsTheExchangeOfACallbackThatThrows() throws Exception {
    try (RawClient client = rig.connect()) {
      client.send("POST /throw HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
      pages.exchange();
      assertThat(client.send("body").read().status()).isEqualTo(500);
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void answersWhatWasAskedBeforeTheClientEndedItsSide() throws Exception {
    try (RawClient client = rig.connect()) {
      client.send(get("/"));
      client.socket().shutdownOutput();
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void sendsAllOfALongAnswerBeforeItCloses() throws Exception {
    try (RawClient client = rig.connect()) {
      client.send("GET /flood HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      assertThat(client.read().body()).hasSize(FLOOD);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void holdsNextRequestsBackUntilAnswersAreTaken() throws Exception {
    try (RawClient client = rig.connect()) {
      client.send(get("/flood") + get("/hold"));
      assertThat(client.in().read()).isEqualTo('H');
      rig.loops().loops().get(0).submit(() -> {}).get();
      assertThat(pages.isHolding()).isFalse();
      client.in().skipNBytes(FLOOD);
      pages.exchange().respond(HttpResponse.empty(204));
    }
  }
}
