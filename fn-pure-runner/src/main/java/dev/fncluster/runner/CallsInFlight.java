package dev.fncluster.runner;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** How many calls wait or are executed. Thread-safe; counting is lock-free while nobody waits. */
final class CallsInFlight {
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicInteger waiters = new AtomicInteger();

  void began() {
    count.incrementAndGet();
  }

  void ended() {
    // Whoever waits announces itself before it looks at the count: one of the two sees the other.
    if (count.decrementAndGet() == 0 && waiters.get() > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  int count() {
    return count.get();
  }

  /**
   * Waits until there is none.
   *
   * @return whether that was so within {@code limit}
   */
  boolean awaitNone(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    waiters.incrementAndGet();
    try {
      synchronized (this) {
        while (count.get() > 0) {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
      }
    } finally {
      waiters.decrementAndGet();
    }
  }
}
