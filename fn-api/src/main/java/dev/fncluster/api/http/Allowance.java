package dev.fncluster.api.http;

/**
 * How much of what only makes work a client may send: so much in each period, and more as it lets
 * us do what it came for. Confined to the event loop of its connection.
 */
final class Allowance {
  private static final long PERIOD_NANOS = 30_000_000_000L;

  private final int free;
  private long periodStart = System.nanoTime();
  private long spent;
  private long earned;

  /**
   * An allowance.
   *
   * @param free what each period of 30 s has from the start
   */
  Allowance(int free) {
    this.free = free;
  }

  /** Adds to what the period has. */
  void earn(int more) {
    earned += more;
  }

  /** Whether one more was within what the period has. */
  boolean spend() {
    if (++spent <= free) {
      return true;
    }
    long now = System.nanoTime();
    if (now - periodStart > PERIOD_NANOS) {
      // What was earned in quiet times is not for a flood.
      periodStart = now;
      spent = 1;
      earned = 0;
    }
    return spent <= free + earned;
  }
}
