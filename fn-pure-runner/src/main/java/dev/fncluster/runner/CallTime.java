package dev.fncluster.runner;

import java.time.Clock;
import java.time.Instant;

/**
 * When the agent got a call. The clock on the wall is looked at once a call; what comes later is
 * counted from there, so that a step of that clock does not change how long anything took.
 */
record CallTime(Instant began, long beganNanos) {
  static CallTime now(Clock clock) {
    return new CallTime(clock.instant(), System.nanoTime());
  }

  /**
   * What the clock on the wall shows when {@link System#nanoTime()} is {@code nanos}; not before
   * the beginning: the moment at which another call gave a container back, on another loop, may be
   * a little earlier than this call that found it.
   */
  Instant at(long nanos) {
    return began.plusNanos(Math.max(0, nanos - beganNanos));
  }
}
