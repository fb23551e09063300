package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How long clients of HTTP/1 may go on sending after an early answer: http.client and requests of
 * Python look for it only then, and lose it when the connection is reset before.
 */
final class LingeringConnectionTest {
  @RegisterExtension final EmbeddedServer server = new EmbeddedServer();

  @BeforeEach
  void answerEarly() {
    server.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
    assertThat(server.received())
        .startsWith("HTTP/1.1 404 Not Found\r\n")
        .contains("Connection: close\r\n");
  }

  @Test
  void clientsThatGoOnSendingAreLetTo() {
    for (int turn = 0; turn < 5; turn++) {
      assertThat(server.isOpen()).isTrue();
      server.send("x".repeat(200_000));
      server.pass(4_000);
    }
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void clientsThatAreSilentAreNotWaitedFor() {
    server.pass(4_000);
    assertThat(server.isOpen()).isTrue();
    server.pass(2_000);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void nobodyMaySendForEver() {
    for (int second = 0; second < 29; second++) {
      server.send("x");
      server.pass(1_000);
    }
    assertThat(server.isOpen()).isTrue();
    server.send("x");
    server.pass(2_000);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void serversThatStopWaitOnlyForWhatIsUnderWay() {
    server.drain();
    server.send("x");
    assertThat(server.isOpen()).isTrue();
    server.pass(1_000);
    assertThat(server.isOpen()).isFalse();
  }
}
