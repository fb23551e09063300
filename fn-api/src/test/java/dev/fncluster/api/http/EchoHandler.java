package dev.fncluster.api.http;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Sends a body back while it comes, and counts how much of it is on the way. */
final class EchoHandler implements HttpHandler {
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong largestPiece = new AtomicLong();
  private final AtomicLong mostMemory = new AtomicLong();

  long received() {
    return received.get();
  }

  long largestPiece() {
    return largestPiece.get();
  }

  /** The most direct memory that Netty held at any piece, in bytes. */
  long mostMemory() {
    return mostMemory.get();
  }

  static long memory() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Override
  public void handle(HttpExchange exchange) {
    new Echo(exchange).start();
  }

  private final class Echo implements BodyConsumer {
    private final HttpExchange exchange;
    private @Nullable BodyReader reader;
    private boolean paused;

    private Echo(HttpExchange exchange) {
      this.exchange = exchange;
    }

    void start() {
      exchange.response().head(200, new Headers());
      exchange.response().onWritable(this::resume);
      BodyReader opened = exchange.body().open(this);
      reader = opened;
      exchange.body().commit();
      opened.request();
    }

    private void resume() {
      BodyReader current = reader;
      if (paused && current != null) {
        paused = false;
        current.request();
      }
    }

    @Override
    public void chunk(ByteBuf data, boolean last) {
      received.addAndGet(data.readableBytes());
      largestPiece.accumulateAndGet(data.readableBytes(), Math::max);
      mostMemory.accumulateAndGet(memory(), Math::max);
      exchange.response().data(data);
      if (last) {
        exchange.complete(null);
      } else {
        paused = true;
        if (exchange.response().isWritable()) {
          resume();
        }
      }
    }

    @Override
    public void failed(Throwable cause) {
      exchange.complete(cause);
    }
  }
}
