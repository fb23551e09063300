package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MockClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WindowClockTest {
  private final MockClock exact = new MockClock();

  @Test
  void itsWallTimeMovesByTicksAndItsMonotonicTimeAlways() {
    try (WindowClock clock = WindowClock.start(exact)) {
      clock.close();
      long begin = clock.wallTime();
      assertThat(begin).isEqualTo(exact.wallTime());

      long nanos = clock.monotonicTime();
      exact.add(Duration.ofMillis(900));

      assertThat(clock.monotonicTime() - nanos).isEqualTo(900_000_000);
      clock.tick();
      assertThat(clock.wallTime() - begin).isEqualTo(900);
    }
  }

  @Test
  void itTicksByItself() {
    try (WindowClock clock = WindowClock.start(exact)) {
      long begin = clock.wallTime();
      exact.add(Duration.ofSeconds(5));

      await().until(() -> clock.wallTime() - begin == 5_000);
    }
  }
}
