package dev.fncluster.runner.docker.engine;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Makes calls that block, a few at a time, and waits for each no longer than it may take as a
 * whole: an answer that comes byte by byte keeps every timeout of a socket from passing. Each call
 * has a virtual thread of its own, which is interrupted when nobody waits any more; that closes its
 * connection. Thread-safe.
 */
final class BoundedCalls implements AutoCloseable {
  private final int atOnce;
  private final Semaphore permits;
  private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

  BoundedCalls(int atOnce) {
    this.atOnce = atOnce;
    this.permits = new Semaphore(atOnce, true);
  }

  /**
   * Makes a call as soon as not too many are under way.
   *
   * @param limit for the wait until then, and once more for the call
   * @throws EngineUnavailableException when it takes longer; the call may have its effect then
   */
  <T> T call(Duration limit, Supplier<T> action) throws InterruptedException {
    if (!permits.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      String message =
          "the Docker engine is too slow: %d calls are under way and none ended within %s"
              .formatted(atOnce, limit);
      throw new EngineUnavailableException(message, new TimeoutException(message));
    }
    CompletableFuture<T> end = new CompletableFuture<>();
    Thread worker =
        Thread.ofVirtual()
            .name("docker-call")
            .unstarted(() -> {
              try {
                end.complete(action.get());
              } catch (RuntimeException | Error e) {
                end.completeExceptionally(e);
              } finally {
                workers.remove(Thread.currentThread());
                permits.release();
              }
            });
    workers.add(worker);
    worker.start();
    try {
      return end.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      worker.interrupt();
      throw new EngineUnavailableException(
          "the Docker engine did not answer completely within " + limit, e);
    } catch (InterruptedException e) {
      worker.interrupt();
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("actions throw nothing that is checked", cause);
    }
  }

  /** Ends the calls that are under way. */
  @Override
  public void close() {
    workers.forEach(Thread::interrupt);
  }
}
