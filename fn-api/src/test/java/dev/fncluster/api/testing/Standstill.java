package dev.fncluster.api.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Waits until a number has stopped growing. That nothing more comes can be told by time alone; but
 * a wait that is too short makes no test fail that is right, as what it then sees is less.
 */
public final class Standstill {
  private static final Duration PAUSE = Duration.ofMillis(300);

  private final LongSupplier number;
  private long before = -1;

  private Standstill(LongSupplier number) {
    this.number = number;
  }

  /** Waits until {@code number} is the same for a while, and returns it. */
  public static long of(LongSupplier number) {
    Standstill standstill = new Standstill(number);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(PAUSE)
        .until(standstill::isReached);
    return standstill.before;
  }

  private boolean isReached() {
    long now = number.getAsLong();
    boolean still = now == before;
    before = now;
    return still;
  }
}
