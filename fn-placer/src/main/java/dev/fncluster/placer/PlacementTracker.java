package dev.fncluster.placer;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call. Knows until when a runner is looked for, and counts what
 * happens on the way.
 */
final class PlacementTracker {
  private final RunnerCall call;
  private final PlacerStats.Counts stats;
  private final PlacerClock clock;
  private final long startNanos;
  private final long deadlineNanos;
  private long lookedNanos;
  private boolean begun;
  private long lastAttemptNanos;
  private int attempts;
  private @Nullable CancelCause abandonedFor;

  PlacementTracker(PlacerSettings settings, RunnerCall call, PlacerStats stats, PlacerClock clock) {
    this.call = call;
    this.stats = stats.of(call.model());
    this.clock = clock;
    Duration limit =
        switch (call.model().type()) {
          case SYNC -> settings.timeout();
          case DETACHED -> settings.detachedTimeout();
        };
    this.startNanos = clock.nanoTime();
    this.lookedNanos = startNanos;
    this.deadlineNanos = startNanos + limit.toNanos();
  }

  /** Whether no further attempt should be made. */
  boolean isDone() {
    return remainingNanos() <= 0 || call.context().isCancelled();
  }

  /** How long a runner may still be looked for; not positive when time is up. */
  long remainingNanos() {
    // The search begins with a look at the clock.
    if (begun) {
      lookedNanos = clock.nanoTime();
    }
    begun = true;
    return deadlineNanos - lookedNanos;
  }

  /** An attempt begins, as soon as {@link #isDone} has said that it may. */
  void attemptStarts() {
    attempts++;
    lastAttemptNanos = lookedNanos;
  }

  void attemptEnded(TryResult result) {
    switch (result) {
      case TryResult.NotPlaced notPlaced ->
          (notPlaced.isBusy() ? stats.retryBusy : stats.retryError).increment();
      case TryResult.Placed placed ->
          (placed.error() == null ? stats.placedOk : stats.placedError).increment();
      case TryResult.Abandoned abandoned -> {
        abandonedFor = abandoned.cause();
        if (abandoned.sent()) {
          stats.placedAbort.increment();
        }
      }
    }
  }

  void poolWasEmpty() {
    stats.poolEmpty.increment();
  }

  void endedWithPoolError() {
    stats.poolError.increment();
  }

  /** The search is over. */
  void ended(boolean placed) {
    // A runner may find that the deadline has come before the call's own timer does.
    CancelCause ended = call.context().cause();
    @Nullable CancelCause cause = ended == null && placed ? abandonedFor : ended;
    long end = placed ? lastAttemptNanos : clock.nanoTime();
    if (cause == CancelCause.CLIENT_GONE) {
      stats.clientCancelled.increment();
    } else if (cause == CancelCause.DEADLINE) {
      stats.clientTimeout.increment();
    }
    if (!placed && end - deadlineNanos >= 0) {
      stats.timeout.increment();
    }
    stats.attempts.record(attempts);
    stats.latencyMillis.record(TimeUnit.NANOSECONDS.toMillis(end - startNanos));
  }
}
