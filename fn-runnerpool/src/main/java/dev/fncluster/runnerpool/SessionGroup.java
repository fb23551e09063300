package dev.fncluster.runnerpool;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what is under way, so that closing can wait for it: nobody enters once the group is
 * closed, and whoever waits does so without holding a lock.
 *
 * <p>Thread-safe; entering and leaving are lock-free.
 */
public final class SessionGroup {
  private static final long CLOSED = 1L << 62;

  private final AtomicLong state = new AtomicLong();
  private final CountDownLatch drained = new CountDownLatch(1);

  /**
   * Enters, unless the group is closed.
   *
   * @return whether it worked; then {@link #leave} must follow, once
   */
  public boolean enter() {
    while (true) {
      long now = state.get();
      if ((now & CLOSED) != 0) {
        return false;
      }
      if (state.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Leaves. */
  public void leave() {
    if (state.decrementAndGet() == CLOSED) {
      drained.countDown();
    }
  }

  /** Lets nobody in any more. Idempotent. */
  public void close() {
    long before = state.getAndUpdate(now -> now | CLOSED);
    if (before == 0) {
      drained.countDown();
    }
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return (state.get() & CLOSED) != 0;
  }

  /** How many are inside. */
  public int size() {
    return (int) (state.get() & ~CLOSED);
  }

  /**
   * Waits until the group is closed and everybody has left.
   *
   * @return false when {@code limit} passed first
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public boolean awaitEmpty(Duration limit) throws InterruptedException {
    return drained.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
