package dev.fncluster.api.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its connection. Looks every now and then whether a client takes too
 * long. A timeout may strike late by as much as half of the shortest one, for which no request has
 * to arm a timer of its own.
 */
final class ConnectionWatch implements Runnable {
  /** What the connection waits for. */
  enum Phase {
    /** The first byte of a request. */
    IDLE,
    /** The rest of its head. */
    HEAD,
    /** The rest of its body. */
    BODY,
    /** The answer. */
    ANSWER
  }

  private static final long MIN_PERIOD_MILLIS = 5;
  private static final long MAX_PERIOD_MILLIS = 5_000;

  private final Connection connection;
  private final ChannelHandlerContext context;
  private final long idleNanos;
  private final long headNanos;
  private final long bodyNanos;
  private final long writeNanos;
  private @Nullable ScheduledFuture<?> timer;

  private Phase phase;
  // Since the last look: the clock is not asked for each phase of each request.
  private boolean entered = true;
  private long since = System.nanoTime();
  private long pendingBytes;
  private long progress;
  private long pendingSince = System.nanoTime();

  private ConnectionWatch(
      Connection connection, ChannelHandlerContext context, HttpServerSettings settings) {
    this.connection = connection;
    this.context = context;
    idleNanos = settings.idleTimeout().toNanos();
    headNanos = settings.headerReadTimeout().toNanos();
    bodyNanos = settings.bodyReadTimeout().toNanos();
    writeNanos = settings.responseWriteTimeout().toNanos();
    // A new connection is to send its first request at once, if anything says so.
    phase = headNanos > 0 ? Phase.HEAD : Phase.IDLE;
  }

  /** Watches a new connection, or returns null when there is no timeout to watch for. */
  static @Nullable ConnectionWatch start(
      Connection connection, ChannelHandlerContext context, HttpServerSettings settings) {
    long shortest = Long.MAX_VALUE;
    for (Duration each :
        new Duration[] {
          settings.idleTimeout(),
          settings.headerReadTimeout(),
          settings.bodyReadTimeout(),
          settings.responseWriteTimeout()
        }) {
      if (each.isPositive()) {
        shortest = Math.min(shortest, each.toMillis());
      }
    }
    if (shortest == Long.MAX_VALUE) {
      return null;
    }
    long period = Math.clamp(shortest / 4, MIN_PERIOD_MILLIS, MAX_PERIOD_MILLIS);
    ConnectionWatch watch = new ConnectionWatch(connection, context, settings);
    watch.timer =
        context
            .channel()
            .eventLoop()
            .scheduleAtFixedRate(watch, period, period, TimeUnit.MILLISECONDS);
    return watch;
  }

  /** The connection waits for something else now. */
  void enter(Phase next) {
    phase = next;
    entered = true;
  }

  /** Bytes came from the client. */
  void bytesRead() {
    if (phase == Phase.IDLE) {
      enter(Phase.HEAD);
    }
  }

  void stop() {
    ScheduledFuture<?> running = timer;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    if (entered) {
      entered = false;
      since = now;
    }
    switch (phase) {
      case IDLE -> {
        if (pendingOutput() > 0) {
          // The client still takes the answer before.
          since = now;
        } else if (over(idleNanos, now - since)) {
          context.close();
        }
      }
      case HEAD -> {
        if (over(headNanos, now - since)) {
          context.close();
        }
      }
      case BODY -> {
        if (!connection.isWaitingForBody()) {
          // It is we who hold the client back.
          since = now;
        } else if (over(bodyNanos, now - since)) {
          enter(Phase.ANSWER);
          connection.bodyTooSlow();
        }
      }
      case ANSWER -> {}
    }
    if (writeNanos > 0) {
      watchOutput(now);
    }
  }

  private long pendingOutput() {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  private void watchOutput(long now) {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    long pending = pendingOutput();
    long moved = buffer == null ? 0 : buffer.currentProgress();
    if (pending == 0 || pending != pendingBytes || moved != progress) {
      pendingBytes = pending;
      progress = moved;
      pendingSince = now;
    } else if (over(writeNanos, now - pendingSince)) {
      connection.stalled();
    }
  }

  private static boolean over(long limitNanos, long elapsedNanos) {
    return limitNanos > 0 && elapsedNanos > limitNanos;
  }
}
