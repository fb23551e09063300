package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How long clients of HTTP/1 may go on sending after an early answer: http.client and requests of
 * Python look for it only then, and lose it when the connection is reset before.
 */
final class LingeringConnectionTest {
  private final Connection connection = new Connection(parts());
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void answerEarly() {
    channel.freezeTime();
    channel.pipeline().addLast(new StrictRequestDecoder(64 * 1024), connection);
    connection.channelActive(channel.pipeline().context(connection));
    send("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
    ByteBuf answer = channel.readOutbound();
    assertThat(answer.toString(StandardCharsets.US_ASCII))
        .startsWith("HTTP/1.1 404 Not Found\r\n")
        .contains("Connection: close\r\n");
    answer.release();
  }

  @AfterEach
  void nothingIsLeft() {
    channel.finishAndReleaseAll();
  }

  @Test
  void clientsThatGoOnSendingAreLetTo() {
    for (int second = 0; second < 20; second += 4) {
      assertThat(channel.isOpen()).isTrue();
      send("x".repeat(200_000));
      pass(4);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void clientsThatAreSilentAreNotWaitedFor() {
    pass(4);
    assertThat(channel.isOpen()).isTrue();
    pass(2);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void nobodyMaySendForEver() {
    for (int second = 0; second < 29; second++) {
      send("x");
      pass(1);
    }
    assertThat(channel.isOpen()).isTrue();
    send("x");
    pass(2);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void serversThatStopWaitOnlyForWhatIsUnderWay() {
    connection.drain();
    send("x");
    assertThat(channel.isOpen()).isTrue();
    pass(1);
    assertThat(channel.isOpen()).isFalse();
  }

  private void send(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private void pass(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  private static ServerParts parts() {
    return new ServerParts(
        HttpServerSettings.from(Settings.of(Map.of())),
        new Router(),
        RootMiddleware.NONE,
        new Cors(List.of(), List.of()),
        RequestObserver.none(),
        new HttpDate(InstantSource.system()),
        ReplaySpace.inMemory(),
        "http",
        null);
  }
}
