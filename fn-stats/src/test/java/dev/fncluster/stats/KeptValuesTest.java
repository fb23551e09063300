package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was recorded once is exported for as long as the meters are, whoever has gone since. */
final class KeptValuesTest {
  private static final MeasureLong LIMIT = MeasureLong.create("limit", "a limit", "1");
  private static final View VIEW =
      View.create(
          View.Name.create("limit"), "a limit", LIMIT, Aggregation.LastValue.create(), List.of());

  private final MeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void gaugesOutliveWhoeverRecordedThem() {
    WeakReference<ViewRegistry> registry = recordOnce();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          System.gc();
          return registry.refersTo(null);
        });
    assertThat(meters.get("fn_limit").gauge().value()).isEqualTo(42);
    assertThat(meters.get("fn_running").gauge().value()).isEqualTo(1);
  }

  // In a frame of its own, so that nothing of it is referred to when it returns.
  private WeakReference<ViewRegistry> recordOnce() {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(List.of(VIEW));
    registry.recorder(LIMIT).record(42);
    registry.upDown("running", "running").increment();
    return new WeakReference<>(registry);
  }
}
