package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.proto.CallFinished;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.Distributions;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunnerClientStatsTest {
  private static final long MILLI = 1_000_000;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RunnerClientStats stats = stats();

  private RunnerClientStats stats() {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerClientStats.views(List.of(), Distributions.LB_LATENCY));
    return new RunnerClientStats(registry);
  }

  private DistributionSummary phase(String name) {
    return meters.get("fn_lb_runner_cold_start_latency").tags("phase", name).summary();
  }

  @Test
  void phasesOfAColdStartAreToldApart() {
    stats.finished(
        TestCalls.model(),
        CallFinished.newBuilder()
            .setSchedulerDuration(900 * MILLI)
            .setExecutionDuration(5 * MILLI)
            .setImagePullWaitDuration(400 * MILLI)
            .setCtrPrepDuration(3 * MILLI)
            .setCtrCreateDuration(200 * MILLI)
            .setInitStartTime(100 * MILLI)
            .build());

    assertThat(phase("image_pull").totalAmount()).isEqualTo(400);
    assertThat(phase("prepare").totalAmount()).isEqualTo(3);
    assertThat(phase("create").totalAmount()).isEqualTo(200);
    assertThat(phase("socket_wait").totalAmount()).isEqualTo(100);
    assertThat(meters.get("fn_lb_runner_sched_latency").summary().totalAmount()).isEqualTo(900);
    assertThat(meters.get("fn_lb_runner_exec_latency").summary().totalAmount()).isEqualTo(5);
  }

  @Test
  void callsThatMetAContainerAreNoColdStarts() {
    stats.finished(
        TestCalls.model(),
        CallFinished.newBuilder().setSchedulerDuration(1).setExecutionDuration(MILLI).build());

    assertThat(phase("image_pull").count()).isZero();
    assertThat(phase("socket_wait").count()).isZero();
    assertThat(meters.get("fn_lb_runner_sched_latency").summary().count()).isEqualTo(1);
  }
}
