package dev.fncluster.api.http;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Confined to its event loop. For how long a client that has its whole answer may go on sending the
 * body that nobody wants any more: as long as it does send, but not for ever. The times are those
 * of nginx, its {@code lingering_timeout} and {@code lingering_time}.
 *
 * <p>There are clients that look for an answer only when they have sent all, and that lose it when
 * their connection is reset before.
 */
final class Linger {
  static final long PERIOD_MILLIS = 5_000;

  private static final long MAX_MILLIS = 30_000;

  private final EventExecutor loop;
  private final long periodMillis;
  private final BooleanSupplier mayGoOn;
  private final Runnable end;
  private int periods;
  private boolean heard;

  private Linger(EventExecutor loop, long periodMillis, BooleanSupplier mayGoOn, Runnable end) {
    this.loop = loop;
    this.periodMillis = periodMillis;
    this.mayGoOn = mayGoOn;
    this.end = end;
  }

  /**
   * Begins to linger.
   *
   * @param periodMillis for how long a client may be silent; {@link #PERIOD_MILLIS} where nothing
   *     is against it
   * @param mayGoOn asked after each period in which something came
   * @param end what is done afterwards, once
   */
  static Linger begin(
      EventExecutor loop, long periodMillis, BooleanSupplier mayGoOn, Runnable end) {
    Linger started = new Linger(loop, periodMillis, mayGoOn, end);
    started.next();
    return started;
  }

  /** Something came from the client. */
  void heard() {
    heard = true;
  }

  private void next() {
    heard = false;
    periods++;
    loop.schedule(this::look, periodMillis, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (heard && periods * periodMillis < MAX_MILLIS && mayGoOn.getAsBoolean()) {
      next();
    } else {
      end.run();
    }
  }
}
