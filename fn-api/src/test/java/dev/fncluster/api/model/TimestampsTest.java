package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
  @ParameterizedTest
  @CsvSource({
    "2026-11-24T02:58:25.952Z,2026-11-24T02:58:25.952Z",
    "2026-11-24T02:58:25.952123Z,2026-11-24T02:58:25.952Z",
    "2026-01-02T03:04:05Z,2026-01-02T03:04:05.000Z",
    "2026-01-02T03:04:05.007+02:00,2026-01-02T01:04:05.007Z",
    "0999-12-31T00:00:00.1Z,0999-12-31T00:00:00.100Z"
  })
  void readsAnyPrecisionAndZoneAndWritesMillisecondsOfUtc(String in, String out) {
    assertThat(Timestamps.format(Timestamps.parse(in))).isEqualTo(out);
  }

  @Test
  void zeroTimeIsNotSet() {
    assertThat(Timestamps.parse("0001-01-01T00:00:00.000Z")).isNull();
    assertThat(Timestamps.format(null)).isEqualTo("0001-01-01T00:00:00.000Z");
  }

  @Test
  void emptyTextIs1970() {
    assertThat(Timestamps.parse("")).isEqualTo(Instant.EPOCH);
  }

  @Test
  void deadlinesHaveWholeSeconds() {
    assertThat(Timestamps.formatSeconds(Instant.parse("2026-11-24T02:58:25.952Z")))
        .isEqualTo("2026-11-24T02:58:25Z");
    assertThat(Timestamps.formatSeconds(Instant.parse("0026-01-02T03:04:05Z")))
        .isEqualTo("0026-01-02T03:04:05Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "yesterday",
        "2026-13-24T02:58:25.952Z",
        "2026-02-30T02:58:25.952Z",
        "2026-11-24 02:58:25.952"
      })
  void refusesOtherTexts(String text) {
    assertThatThrownBy(() -> Timestamps.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
