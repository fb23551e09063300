package dev.fncluster.placer;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.PlacementPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How calls are placed.
 *
 * @param algorithm one of {@link #ALGORITHMS}
 * @param timeout how long a runner is looked for; execution does not count
 * @param detachedTimeout the same for calls whose caller does not wait for the function
 * @param retryDelay the pause after a round in which no runner took the call; at least 1 ms
 */
public record PlacerSettings(
    String algorithm, Duration timeout, Duration detachedTimeout, Duration retryDelay) {
  private static final String NAIVE = "naive";
  private static final String CONSISTENT_HASH = "ch";
  private static final String CONSISTENT_HASH_COMPATIBLE = "ch-compatible";

  /** The words that choose an order. */
  public static final List<String> ALGORITHMS =
      List.of(NAIVE, CONSISTENT_HASH, CONSISTENT_HASH_COMPATIBLE);

  /** Which order. */
  public static final Setting<String> ALGORITHM =
      Setting.oneOf(
          "FN_PLACER",
          NAIVE,
          ALGORITHMS,
          "In which order runners are tried: naive takes turns; ch keeps a function on few runners by"
              + " a hash of our own; ch-compatible does so by the hash of other Fn load balancers, where"
              + " any other word means naive.");

  /** See {@link #timeout()}. */
  public static final Setting<Duration> TIMEOUT =
      Setting.millis(
          "FN_PLACER_TIMEOUT_MSECS",
          Duration.ofSeconds(360),
          "How long a runner is looked for before the caller gets 503.");

  /** See {@link #detachedTimeout()}. */
  public static final Setting<Duration> DETACHED_TIMEOUT =
      Setting.millis(
          "FN_DETACHED_PLACER_TIMEOUT_MSECS",
          Duration.ofSeconds(30),
          "How long a runner is looked for a detached call before its caller gets 503.");

  /** See {@link #retryDelay()}. */
  public static final Setting<Duration> RETRY_DELAY =
      Setting.millis(
          "FN_PLACER_RETRY_DELAY_MSECS",
          Duration.ofMillis(10),
          "The pause after all runners refused a call, before they are tried again.");

  /** Checks the ranges; a delay below a millisecond becomes one. */
  public PlacerSettings {
    Objects.requireNonNull(algorithm, "algorithm");
    Objects.requireNonNull(timeout, "timeout");
    Objects.requireNonNull(detachedTimeout, "detachedTimeout");
    if (retryDelay.toMillis() < 1) {
      retryDelay = Duration.ofMillis(1);
    }
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(ALGORITHM, TIMEOUT, DETACHED_TIMEOUT, RETRY_DELAY);
  }

  /** What holds when nothing is set. */
  public static PlacerSettings defaults() {
    return new PlacerSettings(
        ALGORITHM.defaultValue(),
        TIMEOUT.defaultValue(),
        DETACHED_TIMEOUT.defaultValue(),
        RETRY_DELAY.defaultValue());
  }

  /** Reads them. */
  public static PlacerSettings from(Settings settings) {
    return new PlacerSettings(
        settings.get(ALGORITHM),
        settings.get(TIMEOUT),
        settings.get(DETACHED_TIMEOUT),
        settings.get(RETRY_DELAY));
  }

  /** The order that {@link #algorithm()} names. */
  public PlacementPolicy policy() {
    return switch (algorithm) {
      case NAIVE -> new NaivePolicy();
      case CONSISTENT_HASH -> ConsistentHashPolicy.balanced();
      case CONSISTENT_HASH_COMPATIBLE -> ConsistentHashPolicy.compatible();
      default -> throw new IllegalArgumentException("no placer is called " + algorithm);
    };
  }
}
