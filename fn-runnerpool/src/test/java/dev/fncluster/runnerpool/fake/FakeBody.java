package dev.fncluster.runnerpool.fake;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A body of a number of equal chunks that watches how it is read. */
public final class FakeBody implements RequestBody {
  private final int chunks;
  private final int chunkBytes;
  private final @Nullable Throwable failure;
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile int openings;
  private volatile Runnable beforeOpening = () -> {};
  private volatile boolean committed;
  private volatile boolean closed;

  private FakeBody(int chunks, int chunkBytes, @Nullable Throwable failure) {
    this.chunks = chunks;
    this.chunkBytes = chunkBytes;
    this.failure = failure;
  }

  /** A body of that many chunks; byte i of it is i modulo 251. */
  public static FakeBody of(int chunks, int chunkBytes) {
    return new FakeBody(chunks, chunkBytes, null);
  }

  /** A body that fails after that many chunks. */
  public static FakeBody failing(int chunks, int chunkBytes, Throwable failure) {
    return new FakeBody(chunks, chunkBytes, failure);
  }

  @Override
  public long length() {
    return -1;
  }

  /** Has {@code action} run once, when the body is opened next. */
  public void beforeOpening(Runnable action) {
    beforeOpening = action;
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    if (!isReplayable()) {
      throw new IllegalStateException("body can't be read again");
    }
    openings++;
    Runnable before = beforeOpening;
    beforeOpening = () -> {};
    before.run();
    return new Reading(consumer);
  }

  @Override
  public boolean isReplayable() {
    return !committed && !closed;
  }

  @Override
  public void commit() {
    committed = true;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** How often it was opened. */
  public int openings() {
    return openings;
  }

  /** How many bytes were handed out in all. */
  public long bytesRead() {
    return bytesRead.get();
  }

  /** Whether it was committed. */
  public boolean isCommitted() {
    return committed;
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    return closed;
  }

  private final class Reading implements BodyReader {
    private final BodyConsumer consumer;
    private int given;
    private boolean over;

    Reading(BodyConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void request() {
      if (over) {
        return;
      }
      if (failure != null && given == chunks) {
        over = true;
        consumer.failed(failure);
        return;
      }
      byte[] bytes = new byte[chunkBytes];
      for (int i = 0; i < chunkBytes; i++) {
        bytes[i] = (byte) (((long) given * chunkBytes + i) % 251);
      }
      given++;
      bytesRead.addAndGet(chunkBytes);
      ByteBuf chunk = Unpooled.wrappedBuffer(bytes);
      boolean last = failure == null && given == chunks;
      over = last;
      consumer.chunk(chunk, last);
    }

    @Override
    public void cancel() {
      over = true;
    }
  }
}
