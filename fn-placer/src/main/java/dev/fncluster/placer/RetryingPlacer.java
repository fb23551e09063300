package dev.fncluster.placer;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.TryCompletion;

/**
 * Goes around: asks the pool for its runners, tries them in the order of a {@link PlacementPolicy},
 * and after a round without success pauses and asks again, until the placer's timeout. Thread-safe.
 *
 * <p>The timeout bounds the search only: a runner that has the call is never interrupted by it.
 */
public final class RetryingPlacer implements Placer {
  private final PlacerSettings settings;
  private final PlacementPolicy policy;
  private final PlacerStats stats;
  private final ExtensionRunner extensions;
  private final PlacerClock clock;

  /**
   * A placer that goes by the time of this machine.
   *
   * @param extensions asks pools that may block
   */
  public RetryingPlacer(
      PlacerSettings settings,
      PlacementPolicy policy,
      PlacerStats stats,
      ExtensionRunner extensions) {
    this(settings, policy, stats, extensions, PlacerClock.SYSTEM);
  }

  RetryingPlacer(
      PlacerSettings settings,
      PlacementPolicy policy,
      PlacerStats stats,
      ExtensionRunner extensions,
      PlacerClock clock) {
    this.settings = settings;
    this.policy = policy;
    this.stats = stats;
    this.extensions = extensions;
    this.clock = clock;
  }

  @Override
  public void place(RunnerPool pool, RunnerCall call, TryCompletion completion) {
    PlacementTracker tracker = new PlacementTracker(settings, call, stats, clock);
    new PlacementLoop(
            pool, call, policy, settings.retryDelay(), tracker, clock, extensions, completion)
        .start();
  }
}
