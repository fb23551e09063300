package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.container.ContainerState;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opencensus.tags.TagKey;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunnerStatsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private RunnerStats stats(List<TagKey> tags, int mostKinds) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.create(List.of(), tags, BucketSets.DEFAULT));
    return new RunnerStats(registry, AgentMeters.of(registry), mostKinds);
  }

  private double idle(String... tags) {
    return meters.get("fn_container_idle_total").tags(tags).gauge().value();
  }

  @Test
  void functionsBeyondTheLimitAreCountedTogether() {
    RunnerStats stats = stats(RunnerViews.CONTAINER_TAGS, 2);
    for (int i = 1; i <= 5; i++) {
      ContainerStarter.Observer observer = stats.container("app", "fn" + i, "image");
      observer.entered(ContainerState.WAIT);
      observer.moved(ContainerState.WAIT, ContainerState.START, 1);
      observer.moved(ContainerState.START, ContainerState.IDLE, 1);
    }

    assertThat(idle("fn_id", "fn1")).isEqualTo(1);
    assertThat(idle("fn_id", "fn2")).isEqualTo(1);
    assertThat(idle("fn_id", "other", "app_id", "other", "image_name", "other")).isEqualTo(3);
    assertThat(meters.find("fn_container_idle_total").gauges()).hasSize(3);
  }

  @Test
  void oneRowForAllFunctionsWithoutTags() {
    RunnerStats stats = stats(List.of(), 100);
    for (int i = 1; i <= 5; i++) {
      stats.container("app", "fn" + i, "image").entered(ContainerState.IDLE);
    }

    assertThat(idle()).isEqualTo(5);
    assertThat(meters.get("fn_container_idle_total").gauges()).hasSize(1);
  }

  @Test
  void phasesOfLaunchesAreToldApart() {
    ContainerStarter.Observer observer =
        stats(RunnerViews.CONTAINER_TAGS, 1).container("app", "fn", "image");
    observer.phaseEnded(ContainerStarter.LaunchPhase.IMAGE_PULL, 7_000_000);
    observer.phaseEnded(ContainerStarter.LaunchPhase.SOCKET_WAIT, 30_000_000);

    assertThat(launch("image_pull")).isEqualTo(7);
    assertThat(launch("socket_wait")).isEqualTo(30);
    assertThat(launch("create")).isZero();
  }

  private double launch(String phase) {
    return meters.get("fn_container_launch_latency").tags("phase", phase).summary().totalAmount();
  }
}
