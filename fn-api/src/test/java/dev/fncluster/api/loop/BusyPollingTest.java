package dev.fncluster.api.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.SelectStrategy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BusyPollingTest {
  private long now = 1_000;
  private int ready;
  private int questions;
  private final BusyPolling polling = new BusyPolling(Duration.ofNanos(100), () -> now);

  private int next(boolean hasTasks) throws Exception {
    return polling.calculateStrategy(
        () -> {
          questions++;
          return ready;
        },
        hasTasks);
  }

  @Test
  void asksForTheLengthOfTheWindowAndThenSleeps() throws Exception {
    assertThat(next(false)).isEqualTo(SelectStrategy.CONTINUE);
    now += 99;
    assertThat(next(false)).isEqualTo(SelectStrategy.CONTINUE);
    now += 1;
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
  }

  @Test
  void whatIsReadyIsToldAtOnceAndBeginsANewWindow() throws Exception {
    next(false);
    now += 90;
    ready = 3;
    assertThat(next(false)).isEqualTo(3);
    ready = 0;
    now += 90;
    assertThat(next(false)).isEqualTo(SelectStrategy.CONTINUE);
    now += 99;
    assertThat(next(false)).isEqualTo(SelectStrategy.CONTINUE);
  }

  @Test
  void sleepsWhenOthersTookTheProcessor() throws Exception {
    BusyPolling longer = new BusyPolling(Duration.ofMillis(1), () -> now);
    assertThat(longer.calculateStrategy(() -> 0, false)).isEqualTo(SelectStrategy.CONTINUE);
    now += 59_999;
    assertThat(longer.calculateStrategy(() -> 0, false)).isEqualTo(SelectStrategy.CONTINUE);
    now += 60_000;
    assertThat(longer.calculateStrategy(() -> 0, false)).isEqualTo(SelectStrategy.SELECT);
  }

  @Test
  void neverSleepsOnTasks() throws Exception {
    now += 1_000;
    assertThat(next(true)).isZero();
    ready = 2;
    assertThat(next(true)).isEqualTo(2);
  }

  @Test
  void sleepsAtOnceAfterALongWaitWithoutEvenAsking() throws Exception {
    waitUntilAsleep();
    now += 5_000;
    questions = 0;
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
    assertThat(questions).isZero();
  }

  @Test
  void asksAgainOnceAWaitWasShort() throws Exception {
    waitUntilAsleep();
    now += 5_000;
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
    now += 99;
    assertThat(next(false)).isEqualTo(SelectStrategy.CONTINUE);
  }

  @Test
  void aLoopThatPollsRunsTasksOfOthersAndTimers() throws Exception {
    EventLoopSettings settings = new EventLoopSettings(1, Duration.ofSeconds(30));
    try (EventLoops loops = EventLoops.create(settings, "busy")) {
      EventLoop loop = loops.loops().getFirst();
      assertThat(loop.submit(() -> 7).get(20, TimeUnit.SECONDS)).isEqualTo(7);
      assertThat(loop.schedule(() -> 8, 50, TimeUnit.MILLISECONDS).get(20, TimeUnit.SECONDS))
          .isEqualTo(8);
    }
  }

  private void waitUntilAsleep() throws Exception {
    next(false);
    now += 100;
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
  }
}
