package dev.fncluster.runner.function;

import dev.fncluster.api.http.Chunks;
import dev.fncluster.api.model.Call;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call. Sends one request to a function, in as few pieces as it
 * takes: a head and a short body leave as one.
 */
final class RequestWriter {
  /** Longer pieces of a body are not copied behind what is before them. */
  private static final int COPY_LIMIT = 2 * 1024;

  // With most headers, and a body that is copied.
  private static final int HEAD_SIZE = 4 * 1024;
  private static final int FRAME_SIZE = 32;

  private final Channel channel;
  private @Nullable ByteBuf head;
  private @Nullable ChannelFuture lastWrite;
  private boolean begun;
  private boolean unflushed;

  /** A request of which nothing is known yet. */
  RequestWriter(Channel channel) {
    this.channel = channel;
  }

  /**
   * Makes the head of the request, which leaves with what follows.
   *
   * @throws IllegalArgumentException when it has a header that HTTP does not allow
   */
  void prepare(Call call, Instant deadline) {
    ByteBuf made = channel.alloc().ioBuffer(HEAD_SIZE);
    head = made;
    FunctionRequest.head(made, call, deadline);
  }

  /** Whether the function may know of the request. */
  boolean isBegun() {
    return begun;
  }

  /** Whether all of the request has left. */
  boolean isTaken() {
    ChannelFuture last = lastWrite;
    return last != null && last.isDone();
  }

  /** Sends the head, if it was not sent yet. */
  void begin() {
    ByteBuf unsent = takeHead();
    if (unsent != null) {
      ChannelFuture unused = write(unsent);
    }
  }

  /**
   * Sends a piece of the body, and the head before it.
   *
   * @param data is released in time
   * @param last whether it is the end of the body
   */
  void piece(ByteBuf data, boolean last) {
    ByteBuf unsent = takeHead();
    ByteBuf out = unsent != null ? unsent : channel.alloc().ioBuffer(FRAME_SIZE);
    if (data.isReadable()) {
      int length = data.readableBytes();
      Chunks.begin(out, length);
      if (length <= COPY_LIMIT) {
        out.writeBytes(data);
        data.release();
      } else {
        ChannelFuture unused = write(out);
        unused = write(data);
        out = channel.alloc().ioBuffer(FRAME_SIZE);
      }
      Chunks.end(out);
    } else {
      data.release();
    }
    if (last) {
      Chunks.endOfBody(out);
      lastWrite = write(out);
    } else {
      ChannelFuture unused = write(out);
    }
  }

  /** Has what was sent leave. */
  void flush() {
    if (unflushed) {
      unflushed = false;
      channel.flush();
    }
  }

  /** Sends nothing more. Idempotent. */
  void discard() {
    ByteBuf unsent = head;
    if (unsent != null) {
      head = null;
      unsent.release();
    }
  }

  private @Nullable ByteBuf takeHead() {
    ByteBuf unsent = head;
    head = null;
    begun = true;
    return unsent;
  }

  private ChannelFuture write(ByteBuf bytes) {
    unflushed = true;
    return channel.write(bytes);
  }
}
