package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One connection of a server without routes, without a socket, and with a clock that is moved. */
final class EmbeddedServer implements AutoCloseable {
  private final EmbeddedChannel channel = new EmbeddedChannel();

  EmbeddedServer() {
    channel.freezeTime();
    ServerParts parts =
        new ServerParts(
            HttpServerSettings.from(Settings.of(Map.of())),
            new Router(),
            RootMiddleware.NONE,
            new Cors(List.of(), List.of()),
            RequestObserver.none(),
            new HttpDate(InstantSource.system()),
            ReplaySpace.inMemory(),
            "http",
            null,
            Duration.ofSeconds(1));
    channel
        .pipeline()
        .addLast(
            new ProtocolDetector(parts), new StrictRequestDecoder(8 * 1024), new Connection(parts));
  }

  EmbeddedChannel channel() {
    return channel;
  }

  void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** What was sent since it was last asked. To be released. */
  ByteBuf sent() {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      all.writeBytes(each);
      each.release();
    }
    return all;
  }

  void pass(Duration time) {
    channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    channel.runPendingTasks();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }
}
