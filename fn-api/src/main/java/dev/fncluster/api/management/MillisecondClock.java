package dev.fncluster.api.management;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Time as finely as it is stored. Thread-safe. */
final class MillisecondClock {
  private final InstantSource source;

  MillisecondClock(InstantSource source) {
    this.source = source;
  }

  Instant now() {
    return source.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
