package dev.fncluster.runner.logs;

/**
 * A time in which what a container writes belongs to the same owner: a call, or nobody but the
 * container. {@link #end} on any thread; the budget is confined to the loop that reads the output.
 */
final class CallPeriod {
  private static final long UNDER_WAY = Long.MIN_VALUE;

  final String callId;
  private volatile long endedNanos = UNDER_WAY;
  private long left;
  private boolean exhausted;

  CallPeriod(String callId, long budget) {
    this.callId = callId;
    this.left = budget;
  }

  void end(long nowNanos) {
    if (endedNanos == UNDER_WAY) {
      endedNanos = nowNanos;
    }
  }

  /** Whether it ended more than {@code nanos} ago. */
  boolean isOver(long nowNanos, long nanos) {
    long ended = endedNanos;
    return ended != UNDER_WAY && nowNanos - ended > nanos;
  }

  /** How many bytes may still be passed on. */
  long left() {
    return left;
  }

  /** Some were passed on. */
  void spend(int bytes) {
    left = Math.max(0, left - bytes);
  }

  /** Whether there was more than may be passed on. */
  boolean isExhausted() {
    return exhausted;
  }

  /** There was. */
  void exhaust() {
    exhausted = true;
  }
}
