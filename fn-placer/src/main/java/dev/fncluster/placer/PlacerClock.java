package dev.fncluster.placer;

import java.util.concurrent.ThreadLocalRandom;

/** Time and chance, so that tests can decide over both. Thread-safe. */
interface PlacerClock {
  /** The clock and the dice of this machine. */
  PlacerClock SYSTEM =
      new PlacerClock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long random() {
          return ThreadLocalRandom.current().nextLong();
        }
      };

  /** On the scale of {@link System#nanoTime()}. */
  long nanoTime();

  /** Uniformly distributed over all longs. */
  long random();
}
