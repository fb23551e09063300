package dev.fncluster.runner.engage;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** How many Engage sessions there are and were. Thread-safe, lock-free. */
final class RunnerCounters {
  private final AtomicInteger active = new AtomicInteger();
  private final LongAdder received = new LongAdder();
  private final LongAdder handled = new LongAdder();

  void began() {
    active.incrementAndGet();
    received.increment();
  }

  void ended() {
    active.decrementAndGet();
    handled.increment();
  }

  /** Sessions under way. */
  int active() {
    return active.get();
  }

  /** Sessions that began. */
  long received() {
    return received.sum();
  }

  /** Sessions that ended, refused ones too. */
  long handled() {
    return handled.sum();
  }
}
