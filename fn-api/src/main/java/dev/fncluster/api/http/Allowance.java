package dev.fncluster.api.http;

/**
 * Confined to an event loop. How often a client may do what makes work and brings nothing: so many
 * times within half a minute, and more often the more useful things it does meanwhile.
 */
final class Allowance {
  private static final long PERIOD_NANOS = 30_000_000_000L;

  private final int free;
  private long periodStart = System.nanoTime();
  private long spent;
  private long credit;

  /** One of {@code free} times within a period. */
  Allowance(int free) {
    this.free = free;
  }

  /** Something useful was done, for which {@code count} times more are allowed. */
  void earn(int count) {
    credit += count;
  }

  /** Once more; returns whether that is still allowed. */
  boolean spend() {
    if (++spent <= free + credit) {
      return true;
    }
    long now = System.nanoTime();
    if (now - periodStart <= PERIOD_NANOS) {
      return false;
    }
    periodStart = now;
    spent = 1;
    credit = 0;
    return true;
  }
}
