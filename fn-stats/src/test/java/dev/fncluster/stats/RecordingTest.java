package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.opencensus.stats.Measure;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordingTest {
  private static final int RECORDS = 10_000;

  @Test
  void allocatesNothing() {
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "test")) {
      metrics.views().register(ApiViews.create(List.of(), Distributions.LATENCY));
      UpDownGauge gauge = metrics.views().upDown("running", "running");
      for (Measure measure : List.of(ApiViews.LATENCY, ApiViews.RESPONSES)) {
        Recorder recorder = metrics.views().recorder(measure, ApiViews.PATH, "/");
        record(recorder, gauge);
        long before = allocated();
        record(recorder, gauge);
        // Some bytes of slack for the JVM's own doings; one object a record would be 160,000.
        assertThat(allocated() - before).as(measure.getName()).isLessThan(RECORDS);
      }
    }
  }

  @Test
  void costsLessThanAHundredNanoseconds() {
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "test")) {
      metrics.views().register(ApiViews.create(List.of(), Distributions.LATENCY));
      for (Measure measure : List.of(ApiViews.LATENCY, ApiViews.RESPONSES)) {
        Recorder recorder = metrics.views().recorder(measure, ApiViews.PATH, "/");
        long best = Long.MAX_VALUE;
        // The best of many: others use this machine too.
        for (int i = 0; i < 300 && best >= 100L * RECORDS; i++) {
          long begun = System.nanoTime();
          for (int value = 0; value < RECORDS; value++) {
            recorder.record(value);
          }
          best = Math.min(best, System.nanoTime() - begun);
        }
        assertThat(best / RECORDS).as("nanoseconds for %s", measure.getName()).isLessThan(100);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker stats/net.rx", "docker_stats-net:rx"})
  void lettersAndDigitsStay(String name) {
    assertThat(ExportedNames.of(name)).isEqualTo("fn_docker_stats_net_rx");
  }

  @Test
  void namesThatBeginOddlyOrAreLong() {
    assertThat(ExportedNames.of("1st")).isEqualTo("fn_key_1st");
    assertThat(ExportedNames.of("/x")).isEqualTo("fn_key_x");
    assertThat(ExportedNames.of("x".repeat(150))).isEqualTo("fn_" + "x".repeat(100));
  }

  private static void record(Recorder recorder, UpDownGauge gauge) {
    for (int i = 0; i < RECORDS; i++) {
      recorder.record(i);
      gauge.increment();
      gauge.decrement();
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
