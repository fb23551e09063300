package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How long clients of HTTP/1 may go on sending after an early answer: http.client and requests of
 * Python look for it only then, and lose it when the connection is reset before.
 */
final class Http1LingeringTest {
  private final EmbeddedServer server = new EmbeddedServer();

  @BeforeEach
  void answerEarly() {
    send(RawClient.request("POST", "/nowhere", "Content-Length: 100000000"));
    assertThat(server.sent().toString(StandardCharsets.ISO_8859_1))
        .startsWith("HTTP/1.1 404 Not Found\r\n")
        .contains("Connection: close\r\n");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void send(String text) {
    server.receive(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void clientsThatGoOnSendingAreLetTo() {
    for (int turn = 0; turn < 5; turn++) {
      assertThat(server.channel().isOpen()).isTrue();
      send("x".repeat(200_000));
      server.pass(Duration.ofSeconds(4));
    }
    assertThat(server.channel().isOpen()).isTrue();
  }

  @Test
  void clientsThatAreSilentAreNotWaitedFor() {
    server.pass(Duration.ofSeconds(4));
    assertThat(server.channel().isOpen()).isTrue();
    server.pass(Duration.ofSeconds(2));
    assertThat(server.channel().isOpen()).isFalse();
  }

  @Test
  void nobodyMaySendForEver() {
    for (int second = 0; second < 29; second++) {
      send("x");
      server.pass(Duration.ofSeconds(1));
    }
    assertThat(server.channel().isOpen()).isTrue();
    send("x");
    server.pass(Duration.ofSeconds(2));
    assertThat(server.channel().isOpen()).isFalse();
  }

  @Test
  void serversThatStopWaitOnlyForWhatIsUnderWay() {
    server.channel().pipeline().get(Connection.class).drain();
    send("x");
    assertThat(server.channel().isOpen()).isTrue();
    server.pass(Duration.ofSeconds(1));
    assertThat(server.channel().isOpen()).isFalse();
  }
}
