package dev.fncluster.stats;

import io.micrometer.core.instrument.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The time by which meters turn their windows. They ask for it twice with every value that they
 * sort into buckets, and the windows are minutes long, so a thread looks at the clock once a second
 * for all of them. What is measured in nanoseconds is not rounded.
 *
 * <p>Thread-safe. Ticks until it is closed.
 */
final class WindowClock implements Clock, AutoCloseable {
  private final Clock exact;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long wallMillis;

  private WindowClock(Clock exact) {
    this.exact = exact;
    this.wallMillis = exact.wallTime();
  }

  /** A clock that goes by {@code exact}. */
  static WindowClock start(Clock exact) {
    WindowClock clock = new WindowClock(exact);
    Thread.ofVirtual().name("window-clock").start(clock::run);
    return clock;
  }

  private void run() {
    try {
      while (!closed.await(1, TimeUnit.SECONDS)) {
        tick();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /** Looks at the clock. */
  void tick() {
    wallMillis = exact.wallTime();
  }

  @Override
  public long wallTime() {
    return wallMillis;
  }

  @Override
  public long monotonicTime() {
    return exact.monotonicTime();
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
