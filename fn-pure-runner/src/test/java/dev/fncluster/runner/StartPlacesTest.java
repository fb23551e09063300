package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.WaitingThread;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StartPlacesTest {
  private final StartPlaces places = new StartPlaces(1);
  private final AtomicInteger lent = new AtomicInteger();
  private final StartPlaces.Place place = places.take(lent::incrementAndGet);

  @AfterEach
  void allPlacesAreFree() {
    place.leave();
    place.leave();
    assertThat(places.underWay()).isZero();
  }

  /** The image comes in the moment in which its time is over. */
  @Test
  void aPlaceThatWasClaimedIsNotLent() throws Exception {
    place.claim();
    place.lend();
    assertThat(places.underWay()).isEqualTo(1);
    assertThat(lent).hasValue(0);
  }

  @Test
  void aPlaceThatWasLentIsHadAgainInItsTurn() throws Exception {
    place.lend();
    assertThat(lent).hasValue(1);
    assertThat(places.underWay()).isZero();
    StartPlaces.Place other = places.take(() -> {});
    Future<Void> claimed = WaitingThread.start(place::claim);
    assertThat(claimed.isDone()).isFalse();
    assertThat(places.underWay()).as("nobody else comes in between").isEqualTo(2);
    other.leave();
    claimed.get(60, TimeUnit.SECONDS);
    assertThat(places.underWay()).isEqualTo(1);
  }

  @Test
  void whoGivesUpWaitingTakesNoPlace() {
    place.lend();
    StartPlaces.Place other = places.take(() -> {});
    Future<Void> claimed = WaitingThread.start(place::claim);
    claimed.cancel(true);
    await().atMost(Duration.ofSeconds(60)).until(() -> places.underWay() == 1);
    other.leave();
  }

  @Test
  void whatIsOverIsNotLent() {
    place.leave();
    place.lend();
    assertThat(lent).hasValue(0);
  }
}
