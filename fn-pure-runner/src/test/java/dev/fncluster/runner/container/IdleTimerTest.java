package dev.fncluster.runner.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The timer on a loop whose clock the test turns. */
final class IdleTimerTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> log = new ArrayList<>();
  private ContainerState state = ContainerState.BUSY;
  private long now = 1_000;
  private int looks;

  private IdleTimer timer(long freeze, long expire) {
    channel.freezeTime();
    return new IdleTimer(
        channel.eventLoop(),
        () -> now,
        freeze,
        expire,
        new IdleTimer.Watched() {
          @Override
          public ContainerState state() {
            looks++;
            return state;
          }

          @Override
          public void freeze() {
            log.add("freeze at " + now);
            state = ContainerState.PAUSED;
          }

          @Override
          public void expire() {
            log.add("expire at " + now);
            state = ContainerState.DONE;
          }
        });
  }

  private void idle(IdleTimer timer) {
    state = ContainerState.IDLE;
    timer.idle(now);
  }

  private void pass(long nanos) {
    for (long i = 0; i < nanos; i++) {
      now++;
      channel.advanceTimeBy(1, TimeUnit.NANOSECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void freezesAndThenExpires() {
    idle(timer(50, 300));
    pass(400);
    assertThat(log).containsExactly("freeze at 1050", "expire at 1300");
  }

  @Test
  void countsFromTheLastUse() {
    IdleTimer timer = timer(50, 300);
    idle(timer);
    for (int i = 0; i < 10; i++) {
      pass(20);
      state = ContainerState.BUSY;
      pass(20);
      idle(timer);
    }
    assertThat(log).isEmpty();
    pass(60);
    assertThat(log).containsExactly("freeze at 1450");
  }

  @Test
  void freezesAgainSoonAfterAThaw() {
    IdleTimer timer = timer(50, 3000);
    idle(timer);
    pass(100);
    state = ContainerState.BUSY;
    pass(10);
    idle(timer);
    pass(60);
    assertThat(log).containsExactly("freeze at 1050", "freeze at 1160");
    pass(3000);
    assertThat(log).endsWith("expire at 4110");
  }

  @Test
  void setsNoTimerPerCall() {
    IdleTimer timer = timer(50, 300);
    for (int call = 0; call < 400; call++) {
      idle(timer);
      pass(1);
      state = ContainerState.BUSY;
    }
    // Each time it is set, and each time it goes off.
    assertThat(looks).isBetween(8, 2 * (400 / 50) + 2);
    assertThat(log).isEmpty();
  }

  @Test
  void onlyExpiresWhenFreezingIsOffOrTooLate() {
    idle(timer(-1, 30));
    pass(40);
    state = ContainerState.BUSY;
    idle(timer(500, 30));
    pass(40);
    assertThat(log).containsExactly("expire at 1030", "expire at 1070");
  }

  @Test
  void leavesStoppedContainersAlone() {
    IdleTimer timer = timer(50, 300);
    idle(timer);
    state = ContainerState.DONE;
    pass(400);
    assertThat(log).isEmpty();
  }
}
