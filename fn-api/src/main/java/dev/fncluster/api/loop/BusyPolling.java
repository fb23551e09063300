package dev.fncluster.api.loop;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Has an event loop that has nothing to do ask the kernel for a while before it sleeps. Between two
 * processes that answer each other within microseconds, to be put to sleep and woken costs more
 * than what they do in between.
 *
 * <p>It asks only while that pays: after a wait that was longer than the window it lets the loop
 * sleep at once, until a wait was short again. So a node that has little to do does not keep a
 * processor busy. Each question is followed by an offer of the processor to others, and when one of
 * them took it the loop sleeps: who is woken gets a processor sooner than who never left it.
 *
 * <p>Confined to its event loop.
 */
final class BusyPolling implements SelectStrategy {
  // Longer than a function that answers at once has the processor: that is worth waiting for.
  private static final long TAKEN_NANOS = 60_000;

  private final long windowNanos;
  private final LongSupplier nanoTime;
  private boolean pays = true;
  private boolean waiting;
  private boolean slept;
  private long waitingSince;
  private long askedAt;

  /**
   * @param window how long to ask at most before the loop sleeps
   * @param nanoTime the time that windows are measured in
   */
  BusyPolling(Duration window, LongSupplier nanoTime) {
    this.windowNanos = window.toNanos();
    this.nanoTime = nanoTime;
  }

  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    if (slept) {
      slept = false;
      waiting = false;
      pays = nanoTime.getAsLong() - waitingSince < windowNanos;
    }
    if (hasTasks) {
      waiting = false;
      return selectNow.get();
    }
    if (!pays) {
      return sleep(nanoTime.getAsLong());
    }
    int ready = selectNow.get();
    if (ready > 0) {
      waiting = false;
      return ready;
    }
    long now = nanoTime.getAsLong();
    if (!waiting) {
      waiting = true;
      waitingSince = now;
      askedAt = now;
    }
    boolean taken = now - askedAt >= TAKEN_NANOS;
    if (taken || now - waitingSince >= windowNanos) {
      return sleep(waitingSince);
    }
    askedAt = now;
    Thread.yield();
    // Back to the loop, for tasks that other threads gave it meanwhile.
    return CONTINUE;
  }

  private int sleep(long since) {
    waitingSince = since;
    slept = true;
    return SELECT;
  }
}
