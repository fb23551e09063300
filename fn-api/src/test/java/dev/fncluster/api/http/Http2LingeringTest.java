package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** For how long a server waits for clients that it has told all they will hear; on a clock. */
final class Http2LingeringTest {
  private static final byte[] ONE_MORE = {0, 0, 0, 1};
  // A channel that nobody has accepted would take 1 for that of an upgrade.
  private static final int STREAM = 3;

  private final EmbeddedServer server = new EmbeddedServer();

  @BeforeEach
  void connect() {
    server.receive(ByteBufUtil.getBytes(Http2CodecUtil.connectionPrefaceBuf()));
    send(FrameClient.SETTINGS, 0, 0, new byte[0]);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void send(int type, int flags, int stream, byte[] payload) {
    server.receive(FrameClient.frame(type, flags, stream, payload));
  }

  /** The types of the frames that were sent since it was last asked. */
  private List<Integer> sent() {
    List<Integer> types = new ArrayList<>();
    ByteBuf all = server.sent();
    while (all.isReadable()) {
      int length = all.readUnsignedMedium();
      types.add((int) all.readUnsignedByte());
      all.skipBytes(1 + 4 + length);
    }
    return types;
  }

  private void requestWithoutItsBody() {
    send(
        FrameClient.HEADERS,
        FrameClient.END_HEADERS,
        STREAM,
        FrameClient.block("POST", "/nowhere"));
    assertThat(sent()).contains(FrameClient.HEADERS, FrameClient.DATA);
  }

  private void drain() {
    server.channel().pipeline().get(Http2Connection.class).drain();
    server.channel().runPendingTasks();
    assertThat(sent()).contains(FrameClient.GOAWAY, FrameClient.PING);
    send(FrameClient.PING, 1, 0, new byte[8]);
    assertThat(sent()).containsExactly(FrameClient.GOAWAY);
  }

  @Test
  void streamsOfSilentClientsAreReset() {
    requestWithoutItsBody();
    server.pass(Duration.ofMillis(4_900));
    assertThat(sent()).isEmpty();
    server.pass(Duration.ofMillis(100));
    assertThat(sent()).containsExactly(FrameClient.RST_STREAM);
  }

  @Test
  void streamsOfClientsThatSendOnStayOpenForAWhile() {
    requestWithoutItsBody();
    for (int i = 0; i < 5; i++) {
      send(FrameClient.DATA, 0, STREAM, new byte[1]);
      server.pass(Duration.ofSeconds(5));
      assertThat(sent()).doesNotContain(FrameClient.RST_STREAM);
    }
    send(FrameClient.DATA, 0, STREAM, new byte[1]);
    server.pass(Duration.ofSeconds(5));
    assertThat(sent()).contains(FrameClient.RST_STREAM);
  }

  @Test
  void drainedConnectionsOfSilentClientsAreClosed() {
    drain();
    server.pass(Duration.ofMillis(1_900));
    assertThat(server.channel().isOpen()).isTrue();
    server.pass(Duration.ofMillis(100));
    assertThat(server.channel().isOpen()).isFalse();
  }

  /** They widen their windows as they read the last answer, which the kernel still has. */
  @Test
  void drainedConnectionsOfClientsThatReadOnStayOpenForAWhile() {
    drain();
    for (int i = 0; i < 14; i++) {
      send(FrameClient.WINDOW_UPDATE, 0, 0, ONE_MORE);
      server.pass(Duration.ofSeconds(2));
      assertThat(server.channel().isOpen()).isTrue();
    }
    send(FrameClient.WINDOW_UPDATE, 0, 0, ONE_MORE);
    server.pass(Duration.ofSeconds(2));
    assertThat(server.channel().isOpen()).isFalse();
  }
}
