package dev.fncluster.runnerpool.pool;

import java.time.Duration;
import java.util.function.LongUnaryOperator;

/**
 * When runners are asked how they do, and what follows.
 *
 * @param interval between two questions to a runner that answers; zero asks nobody
 * @param timeout how long an answer may take; positive
 * @param ejectAfter this many questions in a row without a good answer; at least 1
 */
public record HealthRules(Duration interval, Duration timeout, int ejectAfter) {
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final int MAX_FACTOR = 3;

  /** Nobody is asked, so nobody is ejected. */
  public static HealthRules none() {
    return new HealthRules(Duration.ZERO, Duration.ofSeconds(1), 1);
  }

  /** Whether runners are asked at all. */
  public boolean asks() {
    return interval.isPositive();
  }

  /**
   * How long to wait before the next question, with up to a quarter more or less, so that many load
   * balancers don't ask at the same moment.
   *
   * @param failures in a row up to now
   * @param chance gives a number from 0 to what it is given, exclusive
   */
  Duration pause(int failures, LongUnaryOperator chance) {
    long millis = interval.toMillis();
    if (failures > 0) {
      // Soon again at first, to be sure of it; then less and less often.
      long doubled = Math.min(FIRST_RETRY.toMillis(), millis) << Math.min(failures - 1, 20);
      millis = Math.min(doubled, MAX_FACTOR * millis);
    }
    long quarter = millis / 4;
    return Duration.ofMillis(Math.max(1, millis - quarter + chance.applyAsLong(2 * quarter + 1)));
  }
}
