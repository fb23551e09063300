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
 * @param algorithm one of {@link #ALGORITHMS}, or the name of a plugin
 * @param timeout how long a runner is looked for; execution does not count
 * @param detachedTimeout the same for calls whose caller does not wait for the function
 * @param retryDelay the pause after a round in which no runner took the call; at least 1 ms
 * @param loadBoundPercent the share of a runner, as in {@link BoundedLoadPolicy}
 * @param alwaysAllowed with how many calls it is not reached yet, as there
 */
public record PlacerSettings(
    String algorithm,
    Duration timeout,
    Duration detachedTimeout,
    Duration retryDelay,
    int loadBoundPercent,
    int alwaysAllowed) {
  private static final String NAIVE = "naive";
  private static final String CONSISTENT_HASH = "ch";
  private static final String CONSISTENT_HASH_COMPATIBLE = "ch-compatible";

  private static final String BOUNDED_LOADS = "ch-bounded";

  /** The words that choose an order. */
  public static final List<String> ALGORITHMS =
      List.of(NAIVE, CONSISTENT_HASH, CONSISTENT_HASH_COMPATIBLE, BOUNDED_LOADS);

  /** Which order. */
  public static final Setting<String> ALGORITHM =
      Setting.wordOrPlugin(
          "FN_PLACER",
          NAIVE,
          ALGORITHMS,
          "In which order runners are tried: naive takes turns; ch keeps a function on few runners by"
              + " a hash of our own; ch-compatible does so by the hash of other Fn load balancers, where"
              + " any other word means naive; ch-bounded does so too, but passes over runners that have"
              + " more than their share of all calls. A plugin may have an order of its own.");

  /** See {@link #loadBoundPercent()}. */
  public static final Setting<Integer> LOAD_BOUND =
      Setting.integer(
          "FN_PLACER_LOAD_BOUND_PERCENT",
          125,
          101,
          10_000,
          "For ch-bounded: a runner's share of calls, as a percentage of the mean of all runners.");

  /** See {@link #alwaysAllowed()}. */
  public static final Setting<Integer> ALWAYS_ALLOWED =
      Setting.integer(
          "FN_PLACER_LOAD_ALWAYS_ALLOWED",
          4,
          1,
          1_000_000,
          "For ch-bounded: with fewer calls than this no runner is passed over, so that few calls"
              + " don't spread over all runners.");

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
    return List.of(ALGORITHM, TIMEOUT, DETACHED_TIMEOUT, RETRY_DELAY, LOAD_BOUND, ALWAYS_ALLOWED);
  }

  /** Reads them. */
  public static PlacerSettings from(Settings settings) {
    return new PlacerSettings(
        settings.get(ALGORITHM),
        settings.get(TIMEOUT),
        settings.get(DETACHED_TIMEOUT),
        settings.get(RETRY_DELAY),
        settings.get(LOAD_BOUND),
        settings.get(ALWAYS_ALLOWED));
  }

  /**
   * The order that {@link #algorithm()} names.
   *
   * @throws IllegalArgumentException when it is none of {@link #ALGORITHMS}
   */
  public PlacementPolicy policy() {
    return switch (algorithm) {
      case NAIVE -> new NaivePolicy();
      case CONSISTENT_HASH -> ConsistentHashPolicy.balanced();
      case CONSISTENT_HASH_COMPATIBLE -> ConsistentHashPolicy.compatible();
      case BOUNDED_LOADS -> new BoundedLoadPolicy(loadBoundPercent, alwaysAllowed);
      default -> throw new IllegalArgumentException("no placer is called " + algorithm);
    };
  }
}
