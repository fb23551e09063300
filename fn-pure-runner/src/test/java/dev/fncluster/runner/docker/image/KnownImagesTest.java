package dev.fncluster.runner.docker.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runner.docker.engine.EngineEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KnownImagesTest {
  private static final CachedImage ONE = new CachedImage("sha256:1", List.of("one:1"), 1);
  private static final CachedImage TWO = new CachedImage("sha256:2", List.of("two:1"), 1);

  private final AtomicLong nanos = new AtomicLong();
  private final KnownImages known = new KnownImages(nanos::get);

  private void put(String name, CachedImage image) {
    known.put(name, image, known.moment());
  }

  @Test
  void answersHoldForABoundedTime() {
    assertThat(known.fresh("one:1")).isEmpty();
    put("one:1", ONE);
    nanos.set(KnownImages.LIFETIME.toNanos() - 1);
    assertThat(known.fresh("one:1")).contains(ONE);
    nanos.incrementAndGet();
    assertThat(known.fresh("one:1")).isEmpty();
    assertThat(known.last("one:1")).isEqualTo(ONE);
  }

  @Test
  void answerThatChangesOvertookIsNotFresh() {
    long moment = known.moment();
    known.changed("sha256:1");
    known.put("one:1", ONE, moment);
    assertThat(known.fresh("one:1")).isEmpty();
    put("one:1", ONE);
    assertThat(known.fresh("one:1")).contains(ONE);
  }

  @Test
  void nameThatHasGoneIsAskedForAgain() {
    put("one:1", ONE);
    put("two:1", TWO);
    known.changedName("one:1");
    known.changedName("unknown:1");
    assertThat(known.fresh("one:1")).isEmpty();
    assertThat(known.fresh("two:1")).contains(TWO);
  }

  @ParameterizedTest
  @CsvSource({
    "image, delete, sha256:1, false, true",
    "image, untag, sha256:1, false, true",
    "image, tag, sha256:2, false, false",
    "image, pull, one:1, false, false",
    "image, load, sha256:3, false, false",
    "container, die, sha256:1, true, true",
  })
  void eventsMakeDoubtfulWhatTheyMayHaveChanged(
      String type, String action, String id, boolean one, boolean two) {
    put("one:1", ONE);
    put("two:1", TWO);
    ImageEvents.apply(new EngineEvent(type, action, id, Map.of(), 1), known);
    assertThat(known.fresh("one:1").isPresent()).isEqualTo(one);
    assertThat(known.fresh("two:1").isPresent()).isEqualTo(two);
  }
}
