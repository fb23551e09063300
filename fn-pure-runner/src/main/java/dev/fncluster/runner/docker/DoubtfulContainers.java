package dev.fncluster.runner.docker;

import dev.fncluster.runner.docker.engine.EngineUnavailableException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes containers of which nobody knows whether they were made, because the engine left before
 * it answered. Thread-safe; works on one virtual thread, while there is something to do.
 */
final class DoubtfulContainers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DoubtfulContainers.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Removes a container by its name; returns when it is gone, also if there never was one. */
  @FunctionalInterface
  interface Removal {
    void remove(String name) throws InterruptedException;
  }

  private final Removal removal;
  private final Duration pause;
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean working;

  DoubtfulContainers(Removal removal) {
    this(removal, PAUSE);
  }

  DoubtfulContainers(Removal removal, Duration pause) {
    this.removal = removal;
    this.pause = pause;
  }

  /** Has the container of that name removed as soon as the engine can be asked. */
  synchronized void add(String name) {
    names.add(name);
    if (!working) {
      working = true;
      Thread.ofVirtual().name("docker-doubts").start(this::work);
    }
  }

  private synchronized boolean isDone() {
    working = !names.isEmpty();
    return !working;
  }

  private void work() {
    try {
      // Not at once: an engine that is late may make it only now.
      while (!closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        removeAll();
        if (isDone()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeAll() throws InterruptedException {
    for (String name : names) {
      try {
        removal.remove(name);
        names.remove(name);
      } catch (EngineUnavailableException e) {
        return;
      } catch (RuntimeException e) {
        log.atWarn()
            .addKeyValue("container_id", name)
            .setCause(e)
            .log("A container that may have been made can't be removed yet");
      }
    }
  }

  /** Gives up what is left; the next process of this installation removes it by its label. */
  @Override
  public void close() {
    closing.countDown();
  }
}
