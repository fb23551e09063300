package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GoNumbersTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "-3,-3",
    "10,10",
    "0.1953125,0.1953125",
    "0.0001,0.0001",
    "0.00001,1e-05",
    "120000,120000",
    "131072,131072",
    "999999,999999",
    "1000000,1e+06",
    "1048576,1.048576e+06",
    "134217728,1.34217728e+08",
    "8589934592,8.589934592e+09",
    "-123456789.5,-1.234567895e+08",
    "1e100,1e+100",
    "NaN,NaN",
    "Infinity,+Inf",
    "-Infinity,-Inf"
  })
  void spelledAsGoDoes(double value, String expected) {
    assertThat(GoNumbers.text(value)).isEqualTo(expected);
  }
}
