package dev.fncluster.stats;

import java.util.concurrent.atomic.LongAdder;

/** A number of things that come and go. Thread-safe, lock-free; keep it and reuse it. */
public final class UpDownGauge {
  private final LongAdder value = new LongAdder();

  UpDownGauge() {}

  /** One more. */
  public void increment() {
    value.increment();
  }

  /** One less. */
  public void decrement() {
    value.decrement();
  }

  /** How many there are now. */
  public long value() {
    return value.sum();
  }
}
