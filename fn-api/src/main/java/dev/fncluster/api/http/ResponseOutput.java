package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its connection. Gathers small pieces of output into one buffer, so
 * that a head, a short body and its end leave in one system call.
 */
final class ResponseOutput {
  private static final int COPY_LIMIT = 2 * 1024;
  private static final int FIRST_SIZE = 512;
  private static final int FULL = 16 * 1024;

  private final ChannelHandlerContext context;
  private final Runnable flushTask = this::flushScheduled;
  private @Nullable ByteBuf small;
  private boolean scheduled;
  private boolean unflushed;

  ResponseOutput(ChannelHandlerContext context) {
    this.context = context;
  }

  /** The buffer that takes small pieces now. Must not be released or kept. */
  ByteBuf buffer() {
    ByteBuf current = small;
    if (current != null && current.readableBytes() >= FULL) {
      small = null;
      write(current);
      current = null;
    }
    if (current == null) {
      current = context.alloc().ioBuffer(FIRST_SIZE);
      small = current;
    }
    return current;
  }

  /** Adds a piece and releases it in time. */
  void add(ByteBuf piece) {
    if (piece.readableBytes() <= COPY_LIMIT) {
      buffer().writeBytes(piece);
      piece.release();
      return;
    }
    ByteBuf before = small;
    if (before != null) {
      small = null;
      write(before);
    }
    write(piece);
  }

  /** Sends what there is when this turn of the event loop is over. */
  void flushLater() {
    if (!scheduled) {
      scheduled = true;
      context.channel().eventLoop().execute(flushTask);
    }
  }

  /** Sends what there is. */
  void flush() {
    ByteBuf last = small;
    if (last != null) {
      small = null;
      write(last);
    }
    if (unflushed) {
      unflushed = false;
      context.flush();
    }
  }

  /** Forgets what was not sent. */
  void discard() {
    ByteBuf last = small;
    if (last != null) {
      small = null;
      last.release();
    }
  }

  private void flushScheduled() {
    scheduled = false;
    if (context.channel().isActive()) {
      flush();
    } else {
      discard();
    }
  }

  // Failed writes need no listener: the channel closes on them, and that is what is acted upon.
  private void write(ByteBuf piece) {
    unflushed = true;
    context.write(piece, context.voidPromise());
  }
}
