package dev.fncluster.runner.docker.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.model.Call;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opencensus.tags.TagKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SampleMetersTest {
  private static final ContainerSample SAMPLE =
      new ContainerSample(1, 2, 3, 4, 500, 400, 1_000, 600, 400, 10_000, 2);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private SampleMeters samples(List<TagKey> tags, int mostKinds) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(StatsViews.create(tags, BucketSets.DEFAULT));
    return new SampleMeters(registry, mostKinds);
  }

  private static ContainerSpec spec(String fnId) {
    return ContainerSpec.of(
        new Call().appId("a").fnId(fnId).image("i"), "container", "/sockets", Map.of());
  }

  private DistributionSummary memory(String... tags) {
    return meters.get("fn_docker_stats_mem_usage").tags(tags).summary();
  }

  @Test
  void oneRowForAllContainersFromTheStart() {
    SampleMeters samples = samples(List.of(), 10);
    assertThat(memory().count()).isZero();

    samples.of(spec("f1")).record(SAMPLE, null);
    samples.of(spec("f2")).record(SAMPLE, null);

    assertThat(samples.of(spec("f1"))).isSameAs(samples.of(spec("f2")));
    assertThat(memory().count()).isEqualTo(2);
    assertThat(meters.get("fn_docker_stats_mem_usage").summaries()).hasSize(1);
  }

  @Test
  void containersAreToldApartWhereThatIsAskedFor() {
    SampleMeters samples =
        samples(List.of(StatsViews.FN_ID, StatsViews.APP_ID, StatsViews.IMAGE_NAME), 2);
    for (int i = 1; i <= 5; i++) {
      samples.of(spec("f" + i)).record(SAMPLE, null);
    }

    assertThat(memory("fn_id", "f1", "app_id", "a", "image_name", "i").max()).isEqualTo(400);
    assertThat(memory("fn_id", "f2").count()).isEqualTo(1);
    assertThat(memory("fn_id", "other", "app_id", "other", "image_name", "other").count())
        .isEqualTo(3);
  }

  @Test
  void theFirstSampleSaysNothingOfProcessors() {
    SampleMeters.OfKind recorders = samples(List.of(), 10).of(spec("f"));
    recorders.record(SAMPLE, null);
    assertThat(meters.get("fn_docker_stats_cpu_total").summary().count()).isZero();

    recorders.record(SAMPLE, SAMPLE);
    assertThat(meters.get("fn_docker_stats_cpu_total").summary().count()).isEqualTo(1);
  }
}
