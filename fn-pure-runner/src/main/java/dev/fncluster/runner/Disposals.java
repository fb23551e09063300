package dev.fncluster.runner;

import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.container.Remains;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Removes stopped containers in the background, and gives back what they had reserved when they are
 * gone. Thread-safe.
 */
final class Disposals implements HotContainer.Disposal {
  private static final Logger log = LoggerFactory.getLogger(Disposals.class);
  // Longer than an engine takes to be restarted or upgraded. Until then what the container has
  // reserved stays reserved, for it may be running still.
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  // Removals that failed for so long don't make room soon: calls had better go elsewhere.
  private static final Duration SOON = Duration.ofSeconds(1);

  private final SlotQueues queues;
  private final ResourceTracker resources;
  private final RunnerStats stats;
  private final Outstanding outstanding;
  private final Executor virtualThreads;
  private final CountDownLatch closing = new CountDownLatch(1);
  private ResourceAmount coming = ResourceAmount.NONE;

  Disposals(
      SlotQueues queues,
      ResourceTracker resources,
      RunnerStats stats,
      Outstanding outstanding,
      Executor virtualThreads) {
    this.queues = queues;
    this.resources = resources;
    this.stats = stats;
    this.outstanding = outstanding;
    this.virtualThreads = virtualThreads;
  }

  /** What the removals under way will give back soon. */
  synchronized ResourceAmount coming() {
    return coming;
  }

  @Override
  public synchronized void stopping(Remains remains) {
    coming = coming.plus(remains.reservation().amount());
  }

  @Override
  public void dispose(HotContainer container) {
    dispose(container, () -> container.queue().removed(container));
  }

  @Override
  public void disposeOfFailed(Remains remains) {
    // Its launch is over for the node before this is.
    outstanding.begin();
    stopping(remains);
    dispose(remains, () -> {});
  }

  private void dispose(Remains remains, Runnable gone) {
    Coming part = new Coming(remains.reservation().amount());
    virtualThreads.execute(() -> {
      try {
        remove(remains, part);
      } finally {
        // Counted twice for a moment rather than not at all: nobody is refused in between.
        remains.reservation().release();
        part.end();
        stats.utilisation(resources.used(), resources.total());
        gone.run();
        outstanding.end();
        queues.reconsiderAll();
      }
    });
  }

  /** What one removal adds to {@link #coming()}. Confined to its thread. */
  private final class Coming {
    private final ResourceAmount amount;
    private boolean ended;

    Coming(ResourceAmount amount) {
      this.amount = amount;
    }

    /** It adds nothing any more; false if that was so before. */
    boolean end() {
      if (ended) {
        return false;
      }
      ended = true;
      synchronized (Disposals.this) {
        coming = coming.minus(amount);
      }
      return true;
    }
  }

  /** Removals that did not succeed so far are given up. */
  void close() {
    closing.countDown();
  }

  private void remove(Remains remains, Coming part) {
    long began = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        remains.remove();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | RuntimeException e) {
        long soFar = System.nanoTime() - began;
        if (soFar >= SOON.toNanos() && part.end()) {
          queues.reconsiderAll();
        }
        boolean last = soFar >= LIMIT.toNanos() || isClosing(attempt);
        if (attempt == 1 || last) {
          log.atLevel(last ? Level.ERROR : Level.WARN)
              .addKeyValue("container_id", remains.spec().id())
              .addKeyValue("fn_id", remains.spec().fnId())
              .addKeyValue("attempt", attempt)
              .setCause(e)
              .log(last ? "A container was left behind" : "A container could not be removed yet");
        }
        if (last) {
          return;
        }
      }
    }
  }

  /** Waits before another attempt; true if there is to be none. */
  private boolean isClosing(int attempt) {
    long pause = Math.min(LONGEST_PAUSE.toMillis(), 20L << Math.min(attempt, 10));
    try {
      return closing.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
