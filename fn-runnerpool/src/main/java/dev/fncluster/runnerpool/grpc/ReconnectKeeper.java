package dev.fncluster.runnerpool.grpc;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its channel. Keeps a channel connected, with calls or without.
 *
 * <p>gRPC's own waits between attempts to connect grow to two minutes, which is how long a runner
 * that was restarted would stay without calls. Here they grow to {@link #MAX_DELAY_MILLIS}.
 */
final class ReconnectKeeper {
  private static final long FIRST_DELAY_MILLIS = 250;
  private static final long MAX_DELAY_MILLIS = 3_000;

  private final ManagedChannel channel;
  private final EventLoop loop;
  private long delayMillis = FIRST_DELAY_MILLIS;
  private @Nullable Future<?> nextAttempt;

  ReconnectKeeper(ManagedChannel channel, EventLoop loop) {
    this.channel = channel;
    this.loop = loop;
  }

  /** Looks at the state of the channel now, and again after each of its changes. */
  void watch() {
    // A channel is idle before its first connection and after the loss of one: connect at once,
    // not when the next call is waiting for it.
    ConnectivityState state = channel.getState(true);
    switch (state) {
      case SHUTDOWN -> {
        cancelAttempt();
        return;
      }
      case TRANSIENT_FAILURE -> scheduleAttempt();
      case READY -> {
        cancelAttempt();
        delayMillis = FIRST_DELAY_MILLIS;
      }
      case CONNECTING, IDLE -> {}
    }
    channel.notifyWhenStateChanged(state, this::watch);
  }

  private void scheduleAttempt() {
    if (nextAttempt != null) {
      return;
    }
    // Up to a quarter more, so that many load balancers don't come back at the same moment.
    long wait = delayMillis + ThreadLocalRandom.current().nextLong(delayMillis / 4);
    delayMillis = Math.min(2 * delayMillis, MAX_DELAY_MILLIS);
    nextAttempt = loop.schedule(this::attempt, wait, TimeUnit.MILLISECONDS);
  }

  private void attempt() {
    nextAttempt = null;
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
      // The channel reports failure without a pause until it is connected: no change will be told.
      scheduleAttempt();
    }
  }

  private void cancelAttempt() {
    Future<?> pending = nextAttempt;
    if (pending != null) {
      pending.cancel(false);
      nextAttempt = null;
    }
  }
}
