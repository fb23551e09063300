package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opencensus.stats.Aggregation;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BucketsTest {
  @Test
  void linear() {
    assertThat(Buckets.linear(5, 15, 5)).containsExactly(5.0, 7.0, 9.0, 11.0, 13.0, 15.0);
  }

  @Test
  void log2() {
    assertThat(Buckets.log2(100, 10))
        .hasSize(11)
        .startsWith(0.0, 0.1953125, 0.390625)
        .endsWith(25.0, 50.0, 100.0);
  }

  @Test
  void log2Range() {
    assertThat(Buckets.log2Range(7, 100)).containsExactly(6.25, 12.5, 25.0, 50.0, 100.0);
    assertThat(Buckets.log2Range(12.5, 100)).containsExactly(12.5, 25.0, 50.0, 100.0);
  }

  @Test
  void refusesWhatIsNoRange() {
    assertThatThrownBy(() -> Buckets.linear(5, 5, 2)).hasMessageContaining("from 5.0 to 5.0");
    assertThatThrownBy(() -> Buckets.linear(5, 6, 0)).hasMessageContaining("count is 0");
    assertThatThrownBy(() -> Buckets.log2(0, 3)).hasMessageContaining("rising");
    assertThatThrownBy(() -> Buckets.log2Range(0, 3)).hasMessageContaining("rising");
  }

  @Test
  void theLoadBalancersLatenciesAreFinerFromOneToTenSeconds() {
    List<Double> fine = bounds(Distributions.LB_LATENCY);
    assertThat(fine).containsAll(bounds(Distributions.LATENCY));
    assertThat(fine.stream().filter(b -> b > 1_000 && b < 10_000)).hasSizeGreaterThanOrEqualTo(5);
  }

  @Test
  void percentages() {
    assertThat(bounds(Distributions.CPU))
        .containsExactly(10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0);
  }

  private static List<Double> bounds(Aggregation.Distribution distribution) {
    return distribution.getBucketBoundaries().getBoundaries();
  }
}
