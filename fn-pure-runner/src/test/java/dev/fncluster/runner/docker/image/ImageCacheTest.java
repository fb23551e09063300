package dev.fncluster.runner.docker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ImageCacheTest {
  private static final String EXEMPT = "keep/me:1";

  private final AtomicInteger notified = new AtomicInteger();
  private final ImageCache cache = new ImageCache(Set.of(EXEMPT), 20, notified::incrementAndGet);

  private static CachedImage image(String id, long size) {
    return new CachedImage(id, List.of("some/" + id + ":latest"), size);
  }

  @Test
  void anEmptyCacheHasNothingToGive() {
    assertThat(cache.isOverCapacity()).isFalse();
    assertThat(cache.pop()).isEmpty();
    assertThat(notified).hasValue(0);
  }

  @Test
  void exemptImagesAreNotThere() {
    CachedImage exempt = new CachedImage("x", List.of("other:1", EXEMPT), 100);
    cache.update(exempt);
    cache.markBusy(exempt);
    cache.markFree(exempt);
    assertThat(cache.totals()).isEqualTo(new ImageCache.Totals(0, 0, 0, 0));
    assertThat(cache.pop()).isEmpty();
    assertThat(notified).hasValue(0);
  }

  @Test
  void idleAndBusyCountTogether() {
    cache.update(image("idle", 5));
    cache.markBusy(image("busy", 5));
    assertThat(cache.isOverCapacity()).isFalse();
    assertThat(notified).hasValue(0);
    assertThat(cache.pop()).contains(image("idle", 5));
    assertThat(cache.pop()).isEmpty();
    cache.markFree(image("busy", 5));
    assertThat(cache.pop()).contains(image("busy", 5));
  }

  @Test
  void tooMuchIsTold() {
    cache.update(image("big", 25));
    assertThat(cache.isOverCapacity()).isTrue();
    assertThat(notified).hasValue(1);
    assertThat(cache.pop()).isPresent();
    assertThat(cache.isOverCapacity()).isFalse();
    assertThat(cache.pop()).isEmpty();
  }

  @Test
  void whatTwoUseIsBusyUntilBothHaveGone() {
    CachedImage shared = image("shared", 25);
    cache.markBusy(shared);
    cache.markBusy(shared);
    cache.markFree(shared);
    assertThat(cache.isOverCapacity()).as("nothing could be removed").isFalse();
    assertThat(cache.pop()).isEmpty();
    assertThat(notified).hasValue(0);
    cache.markFree(shared);
    assertThat(cache.isOverCapacity()).isTrue();
    assertThat(notified).hasValue(1);
    cache.markFree(shared);
    cache.markFree(shared);
    assertThat(cache.totals()).isEqualTo(new ImageCache.Totals(0, 0, 1, 25));
  }

  @Test
  void aLookAtABusyImageDoesNotMakeItIdle() {
    cache.markBusy(image("busy", 5));
    cache.update(image("busy", 5));
    assertThat(cache.pop()).isEmpty();
  }

  @Test
  void theLastUsedGoesLast() {
    cache.update(image("a", 1));
    cache.update(image("b", 1));
    cache.update(image("c", 1));
    cache.update(image("a", 1));
    assertThat(cache.pop().orElseThrow().id()).isEqualTo("b");
    assertThat(cache.pop().orElseThrow().id()).isEqualTo("c");
    assertThat(cache.pop().orElseThrow().id()).isEqualTo("a");
  }
}
