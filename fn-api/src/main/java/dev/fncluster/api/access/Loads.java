package dev.fncluster.api.access;

import dev.fncluster.api.error.InvocationErrors;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * How loads from one source run: each on a thread of its own, not too many at once; and whether the
 * source answered the last time. Shared by the tables of that source. Thread-safe.
 */
final class Loads {
  private final Executor threads;
  private final Semaphore permits;
  private final Duration permitTime;
  private volatile boolean down;

  /**
   * Loads on {@code threads}.
   *
   * @param atOnce how many ask the source at the same time at most
   * @param permitTime how long a load waits for its turn at most
   */
  Loads(Executor threads, int atOnce, Duration permitTime) {
    this.threads = threads;
    this.permits = new Semaphore(atOnce);
    this.permitTime = permitTime;
  }

  /** Runs {@code load} on another thread. */
  void start(Runnable load) {
    threads.execute(load);
  }

  /** Asks the source, when it is this load's turn. Blocks. */
  <T> T ask(Supplier<T> source) {
    try {
      if (!permits.tryAcquire(permitTime.toNanos(), TimeUnit.NANOSECONDS)) {
        throw InvocationErrors.serverBusy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw InvocationErrors.serverBusy();
    }
    try {
      return source.get();
    } finally {
      permits.release();
    }
  }

  /** Notes that the source answered, if only that it does not know. */
  void sourceAnswered() {
    if (down) {
      down = false;
    }
  }

  /** Notes that the source did not answer. */
  void sourceFailed() {
    down = true;
  }

  /** Whether the source failed to answer, and has not answered since. */
  boolean isSourceDown() {
    return down;
  }
}
