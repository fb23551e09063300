package dev.fncluster.stats;

/** Records values of one measure under fixed tags. Thread-safe, lock-free; keep it and reuse it. */
public interface Recorder {
  /** Records {@code value} in the unit of the measure. */
  void record(long value);

  /** Records 1: for measures that are counted. */
  default void increment() {
    record(1);
  }
}
