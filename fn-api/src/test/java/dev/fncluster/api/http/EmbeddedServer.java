package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server's end of one connection of HTTP/1, without a socket, where time passes as the test says.
 */
final class EmbeddedServer implements AfterEachCallback {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Connection connection;

  EmbeddedServer() {
    Router router = new Router();
    router.add("GET", "/", ServerPages.hello());
    ServerParts parts =
        new ServerParts(
            HttpServerSettings.from(Settings.of(Map.of())),
            router,
            RootMiddleware.NONE,
            new Cors(List.of(), List.of()),
            RequestObserver.none(),
            new HttpDate(InstantSource.system()),
            ReplaySpace.inMemory(),
            "http",
            null,
            Duration.ofSeconds(1));
    connection = new Connection(parts);
    channel.freezeTime();
    channel.pipeline().addLast(new StrictRequestDecoder(64 * 1024), connection);
    connection.channelActive(channel.pipeline().context(connection));
  }

  /** Does what a server does that stops. */
  void drain() {
    connection.drain();
  }

  void send(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  void pass(long millis) {
    channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** What the client got since it was last asked. */
  String received() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      all.append(each.toString(StandardCharsets.ISO_8859_1));
      each.release();
    }
    return all.toString();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    channel.finishAndReleaseAll();
  }
}
