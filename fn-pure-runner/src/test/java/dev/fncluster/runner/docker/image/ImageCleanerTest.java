package dev.fncluster.runner.docker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ImageCleanerTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> removed = new CopyOnWriteArrayList<>();
  private final AtomicLong nanos = new AtomicLong();

  private static CachedImage image(String id, long size) {
    return new CachedImage(id, List.of("test/" + id + ":1"), size);
  }

  private final class Store implements ImageStore {
    private final List<CachedImage> images;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger refusals = new AtomicInteger();

    Store(CachedImage... images) {
      this.images = List.of(images);
    }

    @Override
    public List<CachedImage> list() {
      return images;
    }

    @Override
    public void remove(String id) {
      if (refused.contains(id)) {
        refusals.incrementAndGet();
        throw new IllegalStateException("in use by a container that is not ours");
      }
      removed.add(id);
    }
  }

  private ImageCleaner cleaner(Store store, long maxSize) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(ImageViews.all());
    return new ImageCleaner(
        store, Set.of("test/exempt:1"), maxSize, registry, Duration.ofMillis(5), nanos::get);
  }

  @Test
  void removesTheOldestUntilThereIsRoom() {
    Store store =
        new Store(
            image("exempt", MEBIBYTE / 2),
            image("zoo1", MEBIBYTE / 2),
            image("zoo2", MEBIBYTE / 2),
            image("zoo3", MEBIBYTE / 2));
    try (ImageCleaner cleaner = cleaner(store, MEBIBYTE)) {
      await().atMost(LIMIT).until(() -> removed.size() == 2);
      assertThat(removed).containsExactly("zoo1", "zoo2");
      await().atMost(LIMIT).until(() -> gauge("fn_image_cleaner_idle_img") == 1);
      assertThat(cleaner.cache().isOverCapacity()).isFalse();
      assertThat(gauge("fn_image_cleaner_idle_img_size")).isEqualTo(MEBIBYTE / 2.0);
      assertThat(gauge("fn_image_cleaner_max_img_size")).isEqualTo((double) MEBIBYTE);
    }
  }

  @Test
  void leavesAloneWhatIsUsed() {
    CachedImage huge = image("huge", 512 * MEBIBYTE);
    try (ImageCleaner cleaner = cleaner(new Store(), MEBIBYTE)) {
      cleaner.cache().markBusy(huge);
      assertThat(cleaner.cache().isOverCapacity()).isFalse();
      await().atMost(LIMIT).until(() -> gauge("fn_image_cleaner_busy_img") == 1);
      assertThat(removed).isEmpty();
      cleaner.cache().markFree(huge);
      await().atMost(LIMIT).until(() -> removed.contains("huge"));
    }
  }

  @Test
  void whatCannotBeRemovedHoldsNobodyUpAndIsTriedLater() {
    Store store = new Store(image("first", MEBIBYTE), image("second", MEBIBYTE));
    store.refused.add("first");
    try (ImageCleaner cleaner = cleaner(store, MEBIBYTE)) {
      await().atMost(LIMIT).until(() -> removed.contains("second"));
      assertThat(store.refusals).hasValue(1);
      assertThat(cleaner.cache().isOverCapacity()).isTrue();
      // Whatever happens, it is left alone for a while.
      cleaner.cache().update(image("third", MEBIBYTE));
      await().atMost(LIMIT).until(() -> removed.contains("third"));
      assertThat(store.refusals).hasValue(1);
      assertThat(count("fn_image_cleaner_refused")).isEqualTo(1);

      nanos.addAndGet(Refusals.FIRST.toNanos());
      await().atMost(LIMIT).until(() -> store.refusals.get() == 2);
      store.refused.clear();
      nanos.addAndGet(Refusals.FIRST.toNanos() * 2);
      await().atMost(LIMIT).until(() -> removed.contains("first"));
      assertThat(cleaner.cache().isOverCapacity()).isFalse();
    }
  }

  @Test
  void pausesGrowUpToALimit() {
    Refusals refusals = new Refusals(nanos::get);
    for (int i = 1; i < 100; i++) {
      assertThat(refusals.add("some")).isEqualTo(i);
      Duration pause = Refusals.pause(i);
      assertThat(pause).isBetween(Refusals.FIRST, Refusals.LONGEST);
      assertThat(refusals.isDue("some")).isFalse();
      nanos.addAndGet(pause.toNanos());
      assertThat(refusals.isDue("some")).isTrue();
    }
    refusals.retain(id -> false);
    assertThat(refusals.size()).isZero();
  }

  private double count(String name) {
    return meters.find(name).counters().stream().mapToDouble(each -> each.count()).sum();
  }

  private double gauge(String name) {
    return meters.find(name).gauges().stream().mapToDouble(each -> each.value()).sum();
  }
}
