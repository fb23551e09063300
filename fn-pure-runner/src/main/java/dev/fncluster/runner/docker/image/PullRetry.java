package dev.fncluster.runner.docker.image;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Whether and when a pull is tried again.
 *
 * @param retries how often, after the first time
 * @param interval what the random part of the delays grows by
 * @param minDelay the shortest delay
 * @param maxDelay the longest delay
 * @param reason a word for failures that may go away by themselves; empty for others
 */
public record PullRetry(
    int retries,
    Duration interval,
    Duration minDelay,
    Duration maxDelay,
    Function<PullFailedException, Optional<String>> reason) {
  private static final List<String> PASSING =
      List.of(
          "connection refused",
          "connection reset",
          "i/o timeout",
          "tls handshake timeout",
          "temporary failure",
          "unexpected eof",
          "502 bad gateway",
          "503 service unavailable",
          "504 gateway timeout");

  /** Tries failures of {@link #usualReason} again, {@code retries} times. */
  public static PullRetry usual(int retries) {
    return new PullRetry(
        retries,
        Duration.ofMillis(200),
        Duration.ofMillis(100),
        Duration.ofSeconds(2),
        PullRetry::usualReason);
  }

  /** A registry that has too much to do, or can't be reached. */
  public static Optional<String> usualReason(PullFailedException failure) {
    String text = failure.text().toLowerCase(Locale.ROOT);
    if (failure.status() == 429
        || text.contains("toomanyrequests")
        || text.contains("429 too many requests")) {
      return Optional.of("too_many_requests");
    }
    if (failure.status() < 500 && failure.status() != 0) {
      return Optional.empty();
    }
    return PASSING.stream().anyMatch(text::contains)
        ? Optional.of("registry_unavailable")
        : Optional.empty();
  }

  /**
   * How long to wait before a retry: {@code minDelay}, and a random part that may grow to 2ⁿ−1
   * intervals, but never beyond {@code maxDelay}.
   *
   * @param attempt 1 for the first retry
   */
  Duration delay(int attempt, RandomGenerator random) {
    long room = maxDelay.minus(minDelay).toMillis();
    long grown = ((1L << Math.min(attempt, 30)) - 1) * interval.toMillis();
    long bound = Math.max(0, Math.min(room, grown));
    return minDelay.plusMillis(bound == 0 ? 0 : random.nextLong(bound));
  }
}
