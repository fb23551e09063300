package dev.fncluster.runnerpool.grpc;

import java.time.Duration;

/**
 * How connections to runners are kept.
 *
 * @param keepAlive after this time without a sign of life the runner is pinged, whether there are
 *     calls or not; at least ten seconds, or zero for never
 * @param keepAliveTimeout how long the runner may take to answer a ping before the connection, and
 *     with it every call on it, is given up; positive
 */
public record ConnectionRules(Duration keepAlive, Duration keepAliveTimeout) {
  /** No runner is pinged more often. */
  public static final Duration SHORTEST = Duration.ofSeconds(10);

  /** Checks the ranges. */
  public ConnectionRules {
    if (!keepAlive.isZero() && keepAlive.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("pings every " + keepAlive + "; at least " + SHORTEST);
    }
    if (!keepAliveTimeout.isPositive()) {
      throw new IllegalArgumentException("no time to answer a ping: " + keepAliveTimeout);
    }
  }

  /** A ping after a minute, ten seconds for its answer. */
  public static ConnectionRules defaults() {
    return new ConnectionRules(Duration.ofSeconds(60), Duration.ofSeconds(10));
  }

  /** Whether runners are pinged. */
  public boolean pings() {
    return keepAlive.isPositive();
  }
}
