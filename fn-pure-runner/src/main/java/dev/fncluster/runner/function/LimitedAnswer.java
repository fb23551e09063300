package dev.fncluster.runner.function;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call: a function's answer on its way out, held to a limit.
 *
 * <p>An answer that says that it is longer is refused before anything of it is sent. So is one that
 * turns out longer than a limit of up to {@value #MAX_HELD} bytes: it is held back until its end. A
 * longer limit is for answers that should be streamed; what exceeds it is cut off.
 */
final class LimitedAnswer {
  private static final int MAX_HELD = 64 * 1024;
  private static final int OK = 200;

  private final ResponseSink sink;
  private final long limit;
  private final boolean holding;
  private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(0);
  private @Nullable Headers heldHead;
  private long bytes;

  /**
   * An answer of which nothing has come.
   *
   * @param limit of the body in bytes; 0 for none
   */
  LimitedAnswer(ResponseSink sink, long limit) {
    this.sink = sink;
    this.limit = limit;
    holding = limit > 0 && limit <= MAX_HELD;
  }

  /**
   * The head has come.
   *
   * @param length of the body as announced, or -1
   * @return false when that is too long; nothing was sent then
   */
  boolean head(Headers headers, long length) {
    if (limit > 0 && length > limit) {
      return false;
    }
    if (holding) {
      heldHead = headers;
    } else {
      sink.head(OK, headers);
    }
    return true;
  }

  /**
   * A piece of the body has come; takes ownership of it.
   *
   * @return false when that is more than allowed; nothing may come after it
   */
  boolean data(ByteBuf piece) {
    long room = limit - bytes;
    if (limit > 0 && piece.readableBytes() > room) {
      if (!holding && room > 0) {
        sink.data(piece.readRetainedSlice((int) room));
      }
      piece.release();
      discard();
      return false;
    }
    bytes += piece.readableBytes();
    if (holding) {
      held.add(piece);
    } else {
      sink.data(piece);
    }
    return true;
  }

  /** The answer is complete: what was held back is sent. */
  void complete() {
    Headers head = heldHead;
    if (head != null) {
      heldHead = null;
      sink.head(OK, head);
      for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
        sink.data(each);
      }
    }
  }

  /** Nothing more will come: what was held back is dropped. Idempotent. */
  void discard() {
    heldHead = null;
    for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
      each.release();
    }
  }
}
