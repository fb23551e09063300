package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.replay.ReplaySettings;
import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Settings;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A body far longer than memory may keep, read twice while it comes from a real socket. */
@Timeout(120)
class HttpServerReplayTest {
  private static final int PIECE = 64 * 1024;
  private static final int PIECES = 128;

  private final EventLoops loops = EventLoops.create(1, "test");
  @TempDir Path folder;

  @AfterEach
  void stop() throws InterruptedException {
    loops.close();
  }

  @Test
  void longBodyIsReadAgainFromItsFile() throws Exception {
    ReplaySpace space =
        ReplaySpace.of(new ReplaySettings(100_000, Long.MAX_VALUE, folder, 16 << 20, 16 << 20));
    HttpServer server =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(Map.of())))
            .replaySpace(space)
            .routes(routes -> routes.add("POST", "/twice", HttpServerReplayTest::readTwice))
            .build();
    server.start();
    try (RawClient client = RawClient.connect(server.port())) {
      client.send(
          "POST /twice HTTP/1.1\r\nHost: h\r\nContent-Length: " + PIECES * PIECE + "\r\n\r\n");
      SplittableRandom random = new SplittableRandom(7);
      CRC32C sent = new CRC32C();
      byte[] piece = new byte[PIECE];
      for (int i = 0; i < PIECES; i++) {
        random.nextBytes(piece);
        sent.update(piece);
        client.send(piece);
      }
      String sum = Long.toHexString(sent.getValue());
      assertThat(client.read().body()).isEqualTo(sum + " " + sum);
      assertThat(space.bytesInFiles()).isZero();
    } finally {
      server.close(Duration.ofSeconds(1));
    }
  }

  private static void readTwice(HttpExchange exchange) {
    new Sum(
            exchange,
            first -> {
              assertThat(exchange.body().isReplayable()).isTrue();
              new Sum(
                      exchange,
                      second ->
                          exchange.respond(
                              new HttpResponse(
                                  200,
                                  new Headers(),
                                  (first + " " + second).getBytes(StandardCharsets.US_ASCII))))
                  .start();
            })
        .start();
  }

  private static final class Sum implements BodyConsumer {
    private final HttpExchange exchange;
    private final Consumer<String> then;
    private final CRC32C sum = new CRC32C();
    private @Nullable BodyReader reader;

    Sum(HttpExchange exchange, Consumer<String> then) {
      this.exchange = exchange;
      this.then = then;
    }

    void start() {
      BodyReader opened = exchange.body().open(this);
      reader = opened;
      opened.request();
    }

    @Override
    public void chunk(ByteBuf data, boolean last) {
      sum.update(data.nioBuffer());
      data.release();
      BodyReader current = reader;
      if (last) {
        then.accept(Long.toHexString(sum.getValue()));
      } else if (current != null) {
        current.request();
      }
    }

    @Override
    public void failed(Throwable cause) {
      exchange.complete(cause);
    }
  }
}
