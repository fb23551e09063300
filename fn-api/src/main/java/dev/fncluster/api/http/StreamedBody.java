package dev.fncluster.api.http;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.replay.ReplayBuffer;
import dev.fncluster.api.replay.ReplaySpace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its connection. A body on its way from the client: read from the
 * socket only as fast as somebody asks for it, and kept for another reading as long as that may
 * come.
 *
 * <pre>
 *            kept ───────────┐ ┌── not read from the socket yet
 *   bytes    0 1 2 3 4 5 6 7 8 9 …
 *   reading        ▲ position
 * </pre>
 */
final class StreamedBody implements RequestBody {
  /** Where the pieces come from. */
  interface Source {
    /** The next piece that is here already, or null. */
    @Nullable HttpContent poll();

    /** Has {@link StreamedBody#pump} called when there is something new. */
    void more();

    /** Runs {@code task} on the event loop, soon, as what the client sends would be handled. */
    void execute(Runnable task);
  }

  private final class Reading implements BodyReader {
    private final BodyConsumer consumer;
    private long position;
    private boolean requested;

    private Reading(BodyConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void request() {
      if (current == this) {
        requested = true;
        pump();
      }
    }

    @Override
    public void cancel() {
      if (current == this) {
        current = null;
        wanting = false;
        dropWhatNobodyNeeds();
      }
    }
  }

  private final Source source;
  private final long length;
  private final long max;
  private final ReplayBuffer kept;

  private @Nullable Reading current;
  private @Nullable Throwable failure;
  private long received;
  private boolean keeping = true;
  private boolean opened;
  private boolean ended;
  private boolean closed;
  private boolean pumping;
  private boolean wanting;

  /**
   * A body that comes from {@code source}.
   *
   * @param length as announced, or -1
   * @param max the longest body in bytes; 0 or less for no limit
   * @param space where what was read is kept for another reading
   */
  StreamedBody(
      Source source, ByteBufAllocator allocator, long length, long max, ReplaySpace space) {
    this.source = source;
    this.length = length;
    this.max = max;
    this.kept = new ReplayBuffer(space, allocator, source::execute, this::pump);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    if (closed) {
      throw new IllegalStateException("the body is closed");
    }
    if (opened && !isReplayable()) {
      throw new IllegalStateException("the body can't be read again");
    }
    Reading reading = new Reading(consumer);
    opened = true;
    wanting = false;
    current = reading;
    return reading;
  }

  @Override
  public boolean isReplayable() {
    return keeping && !closed && kept.failure() == null;
  }

  @Override
  public void commit() {
    boolean waitedForDisk = keeping && kept.isSaturated();
    keeping = false;
    dropWhatNobodyNeeds();
    if (waitedForDisk) {
      // A file that was dropped says nothing any more, and a reading may wait for its word.
      source.execute(this::pump);
    }
  }

  @Override
  public void close() {
    closed = true;
    keeping = false;
    current = null;
    wanting = false;
    kept.clear();
  }

  /** How many bytes came from the socket. */
  long received() {
    return received;
  }

  /** Whether a reading waits for bytes from the socket. */
  boolean isWanting() {
    return wanting;
  }

  /** The body will never be whole; readings get to hear of it when they come to that point. */
  void fail(Throwable cause) {
    if (failure == null && !ended) {
      failure = cause;
      pump();
    }
  }

  /** Serves the current reading with what is there. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      Reading reading = current;
      while (reading != null && reading.requested && serve(reading)) {
        reading = current;
      }
    } finally {
      pumping = false;
    }
  }

  private boolean serve(Reading reading) {
    if (reading.position < kept.size()) {
      ByteBuf piece = kept.from(reading.position);
      if (piece == null) {
        return failLost(reading);
      }
      reading.position += piece.readableBytes();
      boolean last = ended && reading.position == kept.size();
      dropWhatNobodyNeeds();
      deliver(reading, piece, last);
      return true;
    }
    if (ended) {
      deliver(reading, Unpooled.EMPTY_BUFFER, true);
      return true;
    }
    if (keeping && kept.isSaturated()) {
      // The disk says when it can take more.
      return false;
    }
    HttpContent next = failure == null ? source.poll() : null;
    if (next != null) {
      take(reading, next);
      return true;
    }
    Throwable broken = failure;
    if (broken != null) {
      fail(reading, broken);
      return true;
    }
    wanting = true;
    source.more();
    return false;
  }

  private boolean failLost(Reading reading) {
    Throwable lost = kept.failure();
    if (lost == null) {
      return false;
    }
    fail(reading, InvocationErrors.internal(lost));
    return true;
  }

  private void fail(Reading reading, Throwable cause) {
    wanting = false;
    reading.requested = false;
    current = null;
    reading.consumer.failed(cause);
  }

  private void take(Reading reading, HttpContent content) {
    if (content.decoderResult().isFailure()) {
      content.release();
      failure = HttpErrors.malformedBody();
      return;
    }
    ByteBuf piece = content.content();
    int count = piece.readableBytes();
    received += count;
    if (max > 0 && received > max) {
      content.release();
      failure = InvocationErrors.bodyTooLarge(max);
      return;
    }
    ended = content instanceof LastHttpContent;
    if (keeping && kept.append(piece)) {
      reading.position += count;
    } else {
      keeping = false;
      kept.clear();
      reading.position = 0;
    }
    if (count > 0 || ended) {
      deliver(reading, piece, ended);
    } else {
      content.release();
    }
  }

  private void deliver(Reading reading, ByteBuf piece, boolean last) {
    wanting = false;
    reading.requested = false;
    if (last && !keeping) {
      current = null;
    }
    reading.consumer.chunk(piece, last);
  }

  private void dropWhatNobodyNeeds() {
    Reading reading = current;
    if (!keeping && kept.size() > 0 && (reading == null || reading.position == kept.size())) {
      kept.clear();
      if (reading != null) {
        reading.position = 0;
      }
    }
  }
}
