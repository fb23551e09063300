package dev.fncluster.runner.container;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a container is not used: one timer that is late rather than one that is set and
 * cancelled with every call. While calls follow each other it fires once in a freeze delay, however
 * many they are.
 *
 * <p>{@link #idle} may be called on any thread, everything else happens on the container's loop.
 */
final class IdleTimer {
  /** A container whose use is watched. Called on the loop. */
  interface Watched {
    /** The present state. */
    ContainerState state();

    /** It was idle for the freeze delay. */
    void freeze();

    /** It was idle for the idle timeout. */
    void expire();
  }

  private static final long NOT_SET = Long.MIN_VALUE;

  private final EventLoop loop;
  private final LongSupplier nanoClock;
  private final long freezeNanos;
  private final long expireNanos;
  private final Watched watched;
  private final AtomicLong due = new AtomicLong(NOT_SET);
  private volatile long idleSince;
  private @Nullable ScheduledFuture<?> scheduled;

  /**
   * A timer that is not running.
   *
   * @param freezeNanos the freeze delay; negative for never
   * @param expireNanos the idle timeout
   */
  IdleTimer(
      EventLoop loop, LongSupplier nanoClock, long freezeNanos, long expireNanos, Watched watched) {
    this.loop = loop;
    this.nanoClock = nanoClock;
    this.freezeNanos = freezeNanos;
    this.expireNanos = expireNanos;
    this.watched = watched;
  }

  /**
   * The container has become idle; its state says so already.
   *
   * @param nowNanos on the clock of this timer
   */
  void idle(long nowNanos) {
    idleSince = nowNanos;
    long first = nowNanos + (freezeNanos < 0 ? expireNanos : Math.min(freezeNanos, expireNanos));
    long set = due.get();
    while (set == NOT_SET || set - first > 0) {
      if (due.compareAndSet(set, first)) {
        onLoop(this::schedule);
        return;
      }
      set = due.get();
    }
  }

  private void schedule() {
    ScheduledFuture<?> last = scheduled;
    if (last != null) {
      last.cancel(false);
    }
    long when = due.get();
    if (when != NOT_SET && watched.state() != ContainerState.DONE) {
      scheduled =
          loop.schedule(
              this::fire, Math.max(0, when - nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
    }
  }

  private void fire() {
    scheduled = null;
    // Before the look at the state: whoever makes it idle after that sets the timer.
    due.set(NOT_SET);
    ContainerState state = watched.state();
    if (!state.isFree()) {
      return;
    }
    long since = idleSince;
    long idleFor = nanoClock.getAsLong() - since;
    if (idleFor >= expireNanos) {
      watched.expire();
      return;
    }
    boolean mayFreeze = freezeNanos >= 0 && state == ContainerState.IDLE;
    if (mayFreeze && idleFor < freezeNanos && freezeNanos < expireNanos) {
      again(since + freezeNanos);
      return;
    }
    again(since + expireNanos);
    if (mayFreeze && idleFor >= freezeNanos) {
      watched.freeze();
    }
  }

  private void again(long when) {
    if (due.compareAndSet(NOT_SET, when)) {
      schedule();
    }
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException e) {
      // The node is stopping, and stops its containers itself.
      due.set(NOT_SET);
    }
  }
}
