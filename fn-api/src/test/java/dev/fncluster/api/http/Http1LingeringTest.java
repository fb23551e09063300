package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** For how long a server takes the rest of a body that nobody wants; on a clock. */
final class Http1LingeringTest {
  private final EmbeddedServer server = new EmbeddedServer();

  @BeforeEach
  void answerEarly() {
    server.receive(
        RawClient.request("POST", "/nowhere", "Content-Length: 1000000000")
            .getBytes(StandardCharsets.US_ASCII));
    assertThat(server.sent().toString(StandardCharsets.US_ASCII))
        .startsWith("HTTP/1.1 404 ")
        .contains("Connection: close");
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void connectionsOfSilentClientsAreClosed() {
    server.pass(Duration.ofMillis(499));
    assertThat(server.channel().isOpen()).isTrue();
    server.pass(Duration.ofMillis(1));
    assertThat(server.channel().isOpen()).isFalse();
  }

  /** They may be of the kind that reads nothing before it has sent all. */
  @Test
  void connectionsOfClientsThatSendOnStayOpenForAWhile() {
    for (int i = 0; i < 59; i++) {
      server.receive(new byte[1]);
      server.pass(Duration.ofMillis(500));
      assertThat(server.channel().isOpen()).isTrue();
    }
    server.receive(new byte[1]);
    server.pass(Duration.ofMillis(500));
    assertThat(server.channel().isOpen()).isFalse();
  }
}
