package dev.fncluster.runner.slot;

import java.util.Arrays;

/**
 * Decides, when a call has to wait, whether another container is launched for it.
 *
 * <p>A start costs a small machine dearly: hundreds of milliseconds of CPU that the running
 * functions lose. So a container is launched only where the queue would otherwise wait for longer
 * than a start takes.
 *
 * <p>A pure function; thread-safe.
 */
public final class LaunchPolicy {
  /** What to do. */
  public enum Decision {
    /** A container will come free, or get ready, early enough; or nothing can be done now. */
    WAIT,
    /** Launch one container. */
    LAUNCH,
    /** There is no room for a container and the wait would be too long: the call goes elsewhere. */
    REFUSE
  }

  /**
   * What the decision is based on.
   *
   * @param queued calls that wait for this kind of container
   * @param idle containers of this kind that are free
   * @param starting containers of this kind that are being started
   * @param busyNanos for every container of this kind that executes a call, for how long so far
   * @param executionNanos how long calls took recently; 0 when none ended yet
   * @param startNanos how long a start is expected to take
   * @param nodeStarts starts under way on the node, of whatever kind
   * @param nodeStartLimit how many starts the node carries at once
   * @param room whether memory and CPU for another container are free
   * @param roomSoon whether they will be in a moment, because containers are being removed
   */
  public record Situation(
      int queued,
      int idle,
      int starting,
      long[] busyNanos,
      long executionNanos,
      long startNanos,
      int nodeStarts,
      int nodeStartLimit,
      boolean room,
      boolean roomSoon) {}

  // Until a call has ended nobody knows how long calls take. Guessing long costs containers that
  // are not needed, guessing short costs the first calls of a slow function one more look.
  private static final long UNKNOWN_EXECUTION_NANOS = 100_000_000;

  private final boolean refuseWhenFull;

  /**
   * A policy.
   *
   * @param refuseWhenFull false never refuses: calls wait for as long as their callers do
   */
  public LaunchPolicy(boolean refuseWhenFull) {
    this.refuseWhenFull = refuseWhenFull;
  }

  /** The decision for the call that joined the queue last. */
  public Decision decide(Situation s) {
    boolean nothingThere = s.idle() + s.starting() + s.busyNanos().length == 0;
    if (!nothingThere && (isLearning(s) || expectedWaitNanos(s) <= s.startNanos())) {
      return Decision.WAIT;
    }
    if (s.queued() <= 0) {
      return Decision.WAIT;
    }
    if (s.room()) {
      return s.nodeStarts() < s.nodeStartLimit() ? Decision.LAUNCH : Decision.WAIT;
    }
    return s.roomSoon() || !refuseWhenFull ? Decision.WAIT : Decision.REFUSE;
  }

  /**
   * Whether the first containers are about to tell how long calls take. While they start, a kind of
   * which nothing is known gets half of what the node starts at once; while their first calls are
   * under way and may still be with what the function sets up, it gets no more.
   */
  private static boolean isLearning(Situation s) {
    if (s.executionNanos() > 0) {
      return false;
    }
    if (s.busyNanos().length == 0) {
      return s.starting() > 0 && s.starting() >= s.nodeStartLimit() / 2;
    }
    for (long busy : s.busyNanos()) {
      if (busy > setUpNanos(s.startNanos())) {
        return false;
      }
    }
    return true;
  }

  /**
   * For how long the first call in a container may be with what the function sets up, such as
   * loading code: a quarter of what the start took.
   */
  static long setUpNanos(long startNanos) {
    return startNanos / 4;
  }

  /** How long the last call of the queue will wait if no further container is launched. */
  static double expectedWaitNanos(Situation s) {
    // Free containers, and those being started, take one call each before anybody queues.
    long waiting = (long) s.queued() - s.idle() - s.starting();
    if (waiting <= 0) {
      return 0;
    }
    double execution = s.executionNanos() > 0 ? s.executionNanos() : UNKNOWN_EXECUTION_NANOS;
    double[] freeAfter = new double[s.idle() + s.starting() + s.busyNanos().length];
    Arrays.fill(freeAfter, execution);
    for (int i = 0; i < s.busyNanos().length; i++) {
      long busy = s.busyNanos()[i];
      // A call that runs for longer than usual will take about as long again; only that one.
      freeAfter[i] = busy > execution ? busy : execution - busy;
    }
    Arrays.sort(freeAfter);
    // From then on each takes one call after the other: the wait is over when they took them all.
    double sum = 0;
    for (int taking = 1; taking <= freeAfter.length; taking++) {
      sum += freeAfter[taking - 1];
      double wait = ((waiting - 1) * execution + sum) / taking;
      if (taking == freeAfter.length || wait <= freeAfter[taking]) {
        return Math.max(wait, freeAfter[0]);
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
