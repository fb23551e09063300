package dev.fncluster.runner.docker.image;

import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Removes the images that were not used for the longest time while there is more than allowed, one
 * after the other and not too quickly. Thread-safe; works on a virtual thread of its own.
 */
final class ImageCleaner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageCleaner.class);

  // As on every Fn runner: at most two removals a second, and a report every two seconds.
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration REPORT = Duration.ofSeconds(2);

  private final ImageStore store;
  private final Duration pause;
  private final Refusals refusals;
  private final Semaphore full = new Semaphore(0);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ImageCache cache;
  private final Recorder busyCount;
  private final Recorder busySize;
  private final Recorder idleCount;
  private final Recorder idleSize;
  private final Recorder refused;
  private final Thread thread;

  /**
   * Begins to clean.
   *
   * @param exemptTags images that are never removed
   * @param maxSize bytes that all others may take
   * @param registry where {@link ImageViews#all()} are registered
   */
  ImageCleaner(ImageStore store, Set<String> exemptTags, long maxSize, ViewRegistry registry) {
    this(store, exemptTags, maxSize, registry, PAUSE, System::nanoTime);
  }

  ImageCleaner(
      ImageStore store,
      Set<String> exemptTags,
      long maxSize,
      ViewRegistry registry,
      Duration pause,
      LongSupplier nanoClock) {
    this.store = store;
    this.pause = pause;
    this.refusals = new Refusals(nanoClock);
    this.cache = new ImageCache(exemptTags, maxSize, this::wake);
    busyCount = registry.recorder(ImageViews.BUSY_COUNT);
    busySize = registry.recorder(ImageViews.BUSY_SIZE);
    idleCount = registry.recorder(ImageViews.IDLE_COUNT);
    idleSize = registry.recorder(ImageViews.IDLE_SIZE);
    refused = registry.recorder(ImageViews.REFUSED);
    registry.recorder(ImageViews.MAX_SIZE).record(maxSize);
    thread = Thread.ofVirtual().name("image-cleaner").start(this::run);
  }

  /** What is kept account of. */
  ImageCache cache() {
    return cache;
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
  }

  private void pause(Duration length) throws InterruptedException {
    if (closing.await(length.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new InterruptedException("closed");
    }
  }

  // One permit at most: however much changed, there is one thing to do.
  private void wake() {
    if (full.availablePermits() == 0) {
      full.release();
    }
  }

  private void run() {
    try {
      readAll();
      while (true) {
        report();
        // Also without a sign, for an image that could not be removed may be due again.
        if (full.tryAcquire(REPORT.toMillis(), TimeUnit.MILLISECONDS)) {
          full.drainPermits();
        }
        clean();
      }
    } catch (InterruptedException e) {
      log.debug("The image cleaner stops");
    }
  }

  private void readAll() throws InterruptedException {
    while (true) {
      try {
        store.list().forEach(cache::update);
        return;
      } catch (RuntimeException e) {
        log.atWarn().setCause(e).log("The images of the engine can't be listed; tried again soon");
        pause(REPORT);
      }
    }
  }

  private void clean() throws InterruptedException {
    refusals.retain(cache::isIdle);
    while (cache.isOverCapacity()) {
      Optional<CachedImage> oldest = cache.pop(image -> refusals.isDue(image.id()));
      if (oldest.isEmpty()) {
        return;
      }
      remove(oldest.get());
      report();
      pause(pause);
    }
  }

  private void remove(CachedImage image) throws InterruptedException {
    try {
      store.remove(image.id());
      log.atInfo()
          .addKeyValue("image_id", image.id())
          .addKeyValue("bytes", image.size())
          .log("Removed an image to make room");
    } catch (RuntimeException e) {
      refused.increment();
      int times = refusals.add(image.id());
      cache.putBack(image);
      log.atLevel(times == 1 ? Level.WARN : Level.DEBUG)
          .addKeyValue("image_id", image.id())
          .addKeyValue("reason", e.getMessage())
          .addKeyValue("next_try_in", Refusals.pause(times))
          .log("An image could not be removed to make room; others are, and it later");
    }
  }

  private void report() {
    ImageCache.Totals totals = cache.totals();
    busyCount.record(totals.busyCount());
    busySize.record(totals.busySize());
    idleCount.record(totals.idleCount());
    idleSize.record(totals.idleSize());
  }
}
