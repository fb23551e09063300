package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MilliCpusTest {
  @ParameterizedTest
  @CsvSource({
    "'',0",
    "1.00,1000",
    "1,1000",
    "0,0",
    "00000,0",
    "+00000,0",
    "-00000,0",
    "0.01,10",
    "0.2341,234",
    "1m,1",
    "1000m,1000",
    ".2,200",
    "100.2000,100200",
    "1024,1024000"
  })
  void reads(String text, int expected) {
    assertThat(MilliCpus.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1000000000000000000000000",
        "-100",
        "100000000000m",
        "-0.20",
        "1025",
        "m",
        "1 m",
        "x",
        "."
      })
  void refuses(String text) {
    assertThatThrownBy(() -> MilliCpus.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cpus is invalid.");
  }
}
