package dev.fncluster.runner.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.runner.driver.Freezer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HoldableFreezerTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Thaws as soon as it is let. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
  private static final class Slow implements Freezer {
    final CountDownLatch engine = new CountDownLatch(1);
    volatile boolean frozen;
    volatile int thaws;

    @Override
    public void freeze() {
      frozen = true;
    }

    @Override
    public void thaw() throws InterruptedException {
      assertThat(engine.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      frozen = false;
      thaws++;
    }
  }

  private final Slow slow = new Slow();
  private final HoldableFreezer freezer = new HoldableFreezer(slow, frozen -> {});

  @Test
  void anEngineThatHangsDoesNotHoldUpWhoNoticesIt() throws Exception {
    freezer.freeze();
    freezer.hold();
    assertThat(slow.frozen).isTrue();
    slow.engine.countDown();
    await().atMost(LIMIT).until(() -> !slow.frozen);
  }

  @Test
  void nothingStaysFrozenWhileTheEngineIsAway() throws Exception {
    slow.engine.countDown();
    freezer.hold();
    await().atMost(LIMIT).until(() -> slow.thaws == 1);
    freezer.freeze();
    assertThat(slow.frozen).isFalse();
    freezer.release();
    freezer.freeze();
    assertThat(slow.frozen).isTrue();
  }
}
