package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the engine tells of containers and itself, as metrics. */
@Tag("docker")
final class DockerStatsTest {
  private static final List<String> SAMPLES =
      List.of(
          "net_rx",
          "net_tx",
          "disk_read",
          "disk_write",
          "mem_limit",
          "mem_usage",
          "cpu_user",
          "cpu_total",
          "cpu_kernel");

  @Test
  void containersAreSampledUntilTheyAreFrozen() throws Exception {
    try (DockerRig rig = new DockerRig("stats")) {
      RunnerAgent agent =
          rig.agent(Map.of("FN_DOCKER_STATS_MSECS", "20", "FN_FREEZE_IDLE_MSECS", "2000"), 256);
      SimpleMeterRegistry meters = rig.meters();
      assertThat(rig.run(agent, TestCalls.call("c1", "echo"), "x").failure()).isNull();
      await().atMost(Duration.ofSeconds(60)).until(() -> count(meters, "cpu_total") > 1);
      for (String each : SAMPLES) {
        assertThat(count(meters, each)).as(each).isPositive();
      }
      assertThat(summary(meters, "mem_limit").max()).isEqualTo(128.0 * DockerRig.MEBIBYTE);
      assertThat(summary(meters, "mem_usage").max()).isBetween(1e6, 128.0 * DockerRig.MEBIBYTE);

      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> meters.get("fn_container_paused_total").gauge().value() == 1);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(300))
          .until(new Unchanged(() -> count(meters, "mem_usage")));

      rig.closeAndCheck(agent);
      for (String api :
          List.of(
              "docker_create_container",
              "docker_start_container",
              "docker_remove_container",
              "docker_inspect_image",
              "docker_stats",
              "docker_list_containers")) {
        assertThat(
                meters
                    .get("fn_docker_api_latency")
                    .tag("api_name", api)
                    .tag("api_status", "ok")
                    .summary()
                    .count())
            .as(api)
            .isPositive();
      }
      assertThat(meters.get("fn_docker_events").tag("event_action", "start").counter().count())
          .isPositive();
      assertThat(meters.get("fn_docker_instance_id").gauge().value()).isNotZero();
    }
  }

  @Test
  void containersThatAreFrozenAtOnceAreSampledAfterEachUse() throws Exception {
    try (DockerRig rig = new DockerRig("stats-frozen")) {
      RunnerAgent agent =
          rig.agent(Map.of("FN_DOCKER_STATS_MSECS", "500", "FN_FREEZE_IDLE_MSECS", "0"), 256);
      SimpleMeterRegistry meters = rig.meters();
      for (int calls = 1; calls <= 2; calls++) {
        long before = count(meters, "mem_usage");
        assertThat(rig.run(agent, TestCalls.call("c" + calls, "echo"), "x").failure()).isNull();
        await().atMost(Duration.ofSeconds(60)).until(() -> count(meters, "mem_usage") > before);
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(1200))
            .until(new Unchanged(() -> count(meters, "mem_usage")));
      }
      rig.closeAndCheck(agent);
    }
  }

  /** True once a value is what it was the last time. */
  private static final class Unchanged implements java.util.concurrent.Callable<Boolean> {
    private final java.util.function.LongSupplier value;
    private long last = -1;

    Unchanged(java.util.function.LongSupplier value) {
      this.value = value;
    }

    @Override
    public Boolean call() {
      long now = value.getAsLong();
      boolean same = now == last;
      last = now;
      return same;
    }
  }

  private static long count(SimpleMeterRegistry meters, String key) {
    return meters.find("fn_docker_stats_" + key).summaries().stream()
        .mapToLong(DistributionSummary::count)
        .sum();
  }

  private static DistributionSummary summary(SimpleMeterRegistry meters, String key) {
    return meters.get("fn_docker_stats_" + key).summary();
  }
}
