package dev.fncluster.runner.function;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call: a function's answer on its way out, held to a limit.
 *
 * <p>An answer that says that it is longer is refused before anything of it is sent. One that does
 * not tell its length is held back until its end, so that it can be refused as well, unless it is
 * one whose beginning is waited for: it says that it is a stream of events, or comes as slowly as
 * one. What exceeds the limit then is cut off.
 */
final class LimitedAnswer {
  /** How often it is looked at what has come meanwhile. */
  static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** An answer that brings less in a period is not held back any longer. */
  static final int LEAST_OF_A_PERIOD = 128 * 1024;

  /** After so many periods nothing is held back any longer. */
  static final int MAX_PERIODS = 20;

  private static final int PART = 64 * 1024;
  private static final int OK = 200;
  private static final String EVENTS = "text/event-stream";

  private final ResponseSink sink;
  private final AnswerLimit limit;
  private final EventLoop loop;
  private final Runnable released;
  private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(0);
  private @Nullable Headers heldHead;
  private @Nullable ScheduledFuture<?> look;
  private long reserved;
  private long bytes;
  private long bytesAtLastLook;
  private long nextLook;
  private int looks;

  /**
   * An answer of which nothing has come.
   *
   * @param released run when what was held back has been let go because time has passed, and may
   *     not have been sent completely
   */
  LimitedAnswer(ResponseSink sink, AnswerLimit limit, EventLoop loop, Runnable released) {
    this.sink = sink;
    this.limit = limit;
    this.loop = loop;
    this.released = released;
  }

  /**
   * The head has come.
   *
   * @param length of the body as announced, or -1
   * @return false when that is too long; nothing was sent then
   */
  boolean head(Headers headers, long length) {
    if (!limit.allows(length)) {
      return false;
    }
    if (length < 0 && limit.holds() && !isOfEvents(headers)) {
      heldHead = headers;
      lookLater();
    } else {
      sink.head(OK, headers);
    }
    return true;
  }

  private static boolean isOfEvents(Headers headers) {
    String type = headers.first(HeaderNames.CONTENT_TYPE);
    return type != null && type.strip().regionMatches(true, 0, EVENTS, 0, EVENTS.length());
  }

  /**
   * A piece of the body has come; takes ownership of it.
   *
   * @return false when that is more than allowed; nothing may come after it
   */
  boolean data(ByteBuf piece) {
    if (!limit.allows(bytes + piece.readableBytes())) {
      int room = (int) (limit.maxBytes() - bytes);
      if (heldHead == null && room > 0) {
        pass(piece.readRetainedSlice(room));
      }
      piece.release();
      discard();
      return false;
    }
    bytes += piece.readableBytes();
    if (heldHead != null && limit.reserve(piece.readableBytes())) {
      reserved += piece.readableBytes();
      keep(piece);
    } else {
      letGo();
      pass(piece);
    }
    return true;
  }

  // Copied: small pieces each keep a big buffer alive.
  private void keep(ByteBuf piece) {
    while (piece.isReadable()) {
      ByteBuf part = held.peekLast();
      if (part == null || part.maxWritableBytes() == 0) {
        part = piece.alloc().buffer(Math.min(PART, piece.readableBytes()), PART);
        held.add(part);
      }
      part.writeBytes(piece, Math.min(piece.readableBytes(), part.maxWritableBytes()));
    }
    piece.release();
  }

  private void pass(ByteBuf piece) {
    if (held.isEmpty()) {
      sink.data(piece);
    } else {
      held.add(piece);
    }
  }

  /** Whether nothing has been sent, as the answer may still turn out too long. */
  boolean isHeldBack() {
    return heldHead != null;
  }

  /** The answer is complete; returns whether all of it is sent. If not, {@link #drain} sends it. */
  boolean complete() {
    letGo();
    return drain();
  }

  /** Sends of what was let go as much as is wanted; returns whether that is all. */
  boolean drain() {
    if (heldHead != null) {
      return true;
    }
    while (!held.isEmpty() && sink.isWritable()) {
      sink.data(held.poll());
    }
    if (held.isEmpty()) {
      giveBack();
      return true;
    }
    return false;
  }

  private void letGo() {
    Headers head = heldHead;
    if (head != null) {
      heldHead = null;
      stopLooking();
      sink.head(OK, head);
      boolean unused = drain();
    }
  }

  private void lookLater() {
    nextLook = loop.ticker().nanoTime() + PERIOD_NANOS;
    look = loop.schedule(this::look, PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }

  private void look() {
    looks++;
    // Who looks late may not have read meanwhile what has come.
    boolean late = loop.ticker().nanoTime() - nextLook > PERIOD_NANOS / 2;
    boolean slow = bytes - bytesAtLastLook < LEAST_OF_A_PERIOD;
    if (looks >= MAX_PERIODS || (slow && !late)) {
      letGo();
      released.run();
    } else {
      bytesAtLastLook = bytes;
      lookLater();
    }
  }

  private void stopLooking() {
    ScheduledFuture<?> pending = look;
    if (pending != null) {
      look = null;
      pending.cancel(false);
    }
  }

  /** Nothing more will come: what was held back is dropped. Idempotent. */
  void discard() {
    stopLooking();
    heldHead = null;
    for (ByteBuf each = held.poll(); each != null; each = held.poll()) {
      each.release();
    }
    giveBack();
  }

  private void giveBack() {
    limit.release(reserved);
    reserved = 0;
  }
}
