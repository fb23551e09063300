package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

final class CallTimeTest {
  private static final Instant ARRIVED = Instant.parse("2026-01-02T03:04:05.999999999Z");

  @Test
  void countsFromTheArrival() {
    CallTime time = CallTime.now(Clock.fixed(ARRIVED, ZoneOffset.UTC));
    assertThat(time.began()).isEqualTo(ARRIVED);
    assertThat(time.at(time.beganNanos())).isEqualTo(ARRIVED);
    assertThat(time.at(time.beganNanos() + 2)).isEqualTo("2026-01-02T03:04:06.000000001Z");
  }

  @Test
  void countsOnWhenTheNanosecondsStartAnew() {
    CallTime time = new CallTime(ARRIVED, Long.MAX_VALUE);
    assertThat(time.at(Long.MIN_VALUE)).isEqualTo(ARRIVED.plusNanos(1));
  }

  /** A container is given back, and taken by a call that came since the clock was looked at. */
  @Test
  void nothingOfACallIsBeforeItsArrival() {
    CallTime time = new CallTime(ARRIVED, 1_000);
    assertThat(time.at(900)).isEqualTo(ARRIVED);
  }
}
