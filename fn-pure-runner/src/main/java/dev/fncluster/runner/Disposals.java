package dev.fncluster.runner;

import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes stopped containers in the background, and gives back what they had reserved when they are
 * gone. Thread-safe.
 */
final class Disposals implements HotContainer.Disposal {
  private static final Logger log = LoggerFactory.getLogger(Disposals.class);
  private static final int ATTEMPTS = 3;

  private final SlotQueues queues;
  private final ResourceTracker resources;
  private final RunnerStats stats;
  private final Outstanding outstanding;
  private final Executor virtualThreads;
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

  /** What the removals under way will give back. */
  synchronized ResourceAmount coming() {
    return coming;
  }

  @Override
  public synchronized void stopping(HotContainer container) {
    coming = coming.plus(container.reservation().amount());
  }

  @Override
  public void dispose(HotContainer container) {
    ResourceAmount amount = container.reservation().amount();
    virtualThreads.execute(() -> {
      try {
        remove(container);
      } finally {
        // Counted twice for a moment rather than not at all: nobody is refused in between.
        container.reservation().release();
        synchronized (this) {
          coming = coming.minus(amount);
        }
        stats.utilisation(resources.used(), resources.total());
        container.queue().removed(container);
        outstanding.end();
        queues.reconsiderAll();
      }
    });
  }

  private static void remove(HotContainer container) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        container.remove();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | RuntimeException e) {
        log.atError()
            .addKeyValue("container_id", container.id())
            .addKeyValue("fn_id", container.spec().fnId())
            .addKeyValue("attempt", attempt)
            .setCause(e)
            .log("A container could not be removed");
      }
    }
  }
}
