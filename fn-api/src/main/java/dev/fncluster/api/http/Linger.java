package dev.fncluster.api.http;

import io.netty.channel.EventLoop;
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
  private static final long PERIOD_MILLIS = 5_000;
  private static final int MAX_PERIODS = 6;

  private final EventLoop loop;
  private final BooleanSupplier mayGoOn;
  private final Runnable end;
  private int periods;
  private boolean heard;

  private Linger(EventLoop loop, BooleanSupplier mayGoOn, Runnable end) {
    this.loop = loop;
    this.mayGoOn = mayGoOn;
    this.end = end;
  }

  /**
   * Begins to linger.
   *
   * @param mayGoOn asked after each period in which something came
   * @param end what is done afterwards, once
   */
  static Linger begin(EventLoop loop, BooleanSupplier mayGoOn, Runnable end) {
    Linger started = new Linger(loop, mayGoOn, end);
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
    loop.schedule(this::look, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (heard && periods < MAX_PERIODS && mayGoOn.getAsBoolean()) {
      next();
    } else {
      end.run();
    }
  }
}
