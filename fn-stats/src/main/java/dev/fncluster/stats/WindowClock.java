package dev.fncluster.stats;

import io.micrometer.core.instrument.Clock;
import java.time.Duration;

/**
 * The time by which meters turn their windows. They ask for it twice with every value that they
 * sort into buckets, and the windows are minutes long, so a thread looks at the clock once a second
 * for all of them. What is measured in nanoseconds is not rounded.
 *
 * <p>Thread-safe. Ticks until it is closed.
 */
final class WindowClock implements Clock, AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Clock exact;
  private final Thread ticker;
  private volatile long wallMillis;

  private WindowClock(Clock exact) {
    this.exact = exact;
    this.wallMillis = exact.wallTime();
    this.ticker = Thread.ofVirtual().name("window-clock").unstarted(this::run);
  }

  /** A clock that goes by {@code exact}. */
  static WindowClock start(Clock exact) {
    WindowClock clock = new WindowClock(exact);
    clock.ticker.start();
    return clock;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(TICK);
        tick();
      }
    } catch (InterruptedException e) {
      // Closed: nobody asks any more.
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
    ticker.interrupt();
  }
}
