package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the metrics and logs of nodes tell of calls that ended in every way there is. */
@Tag("docker")
@ExtendWith(ObservedClusterExtension.class)
final class OperatorMetricsTest {
  private final ObservedCluster observed;

  OperatorMetricsTest(ObservedCluster observed) {
    this.observed = observed;
  }

  @Test
  void everyCallIsInOneSumAndNoneInTwo() {
    Exposition page = observed.ofLoadBalancer();
    double completed = page.sum("fn_completed_total");
    double failed = page.sum("fn_errors_total");
    double timeouts = page.sum("fn_timeouts_total");
    double canceled = page.sum("fn_canceled_total");
    double refused = page.sum("fn_server_busy_total");

    assertThat(page.sum("fn_calls_total")).isEqualTo(observed.calls().sent());
    assertThat(completed + failed + timeouts + canceled + refused)
        .isEqualTo(observed.calls().sent());
    assertThat(completed).isEqualTo(observed.calls().successes());
    assertThat(failed).isEqualTo(CallsOfEveryKind.CRASHES + 2);
    assertThat(timeouts).isEqualTo(1);
    assertThat(refused + canceled).isEqualTo(observed.calls().busy() + observed.calls().left());
    assertThat(page.sum("fn_queued")).isZero();
    for (String end : List.of("completed", "errors", "timeouts", "canceled", "server_busy")) {
      assertThat(page.sum("fn_lb_call_latency_count", "call_status", end))
          .as(end)
          .isEqualTo(page.sum("fn_" + end + "_total"))
          .isPositive();
    }
  }

  @Test
  void everyPlacementEndsOnce() {
    Exposition page = observed.ofLoadBalancer();
    String placer = "fn_lb_placer_";
    double ok = page.sum(placer + "placed_ok_count_total");
    double failed = page.sum(placer + "placed_error_count_total");
    double aborted = page.sum(placer + "placed_abort_count_total");
    double cancelled = page.sum(placer + "client_cancelled_count_total");
    double late = page.sum(placer + "client_timeout_count_total");
    double over = page.sum(placer + "timeout_count_total");

    assertThat(page.sum(placer + "attempt_count_count")).isEqualTo(observed.calls().sent());
    assertThat(page.sum(placer + "latency_count")).isEqualTo(observed.calls().sent());
    // Whoever left did so with the call placed (aborted) or while a runner was looked for.
    assertThat(ok + failed + cancelled + late + over).isEqualTo(observed.calls().sent());
    assertThat(aborted).isLessThanOrEqualTo(cancelled + late).isPositive();
    assertThat(
            ok
                + failed
                + aborted
                + page.sum(placer + "retry_busy_count_total")
                + page.sum(placer + "retry_error_count_total"))
        .isEqualTo(page.sum(placer + "attempt_count_sum"));
  }

  @Test
  void runnersTellWhatTheyDid() {
    SoftAssertions softly = new SoftAssertions();
    for (String sample :
        List.of(
            "fn_container_evictions_total",
            "fn_docker_exits_total",
            "fn_docker_events_total",
            "fn_docker_stats_mem_usage_count",
            "fn_container_busy_duration_seconds_count",
            "fn_container_paused_duration_seconds_count",
            "fn_image_cleaner_max_img_size",
            "fn_status_call_total",
            "fn_util_mem_avail")) {
      softly.assertThat(observed.onRunners(page -> page.sum(sample))).as(sample).isPositive();
    }
    for (String phase : List.of("image_pull", "prepare", "create", "socket_wait")) {
      softly
          .assertThat(
              observed.onRunners(
                  page -> page.sum("fn_container_launch_latency_count", "phase", phase)))
          .as(phase)
          .isPositive();
      softly
          .assertThat(
              observed
                  .ofLoadBalancer()
                  .sum("fn_lb_runner_cold_start_latency_count", "phase", phase))
          .as(phase)
          .isPositive();
    }
    softly
        .assertThat(
            observed.onRunners(page ->
                page.sum("fn_container_uds_init_latency_count", "container_uds_state", "canceled")))
        .isPositive();
    softly.assertAll();
  }

  @Test
  void nodesTellWhenTheirCertificatesEnd() {
    double end = observed.certificates().notAfter().getEpochSecond();

    assertThat(
            observed.ofLoadBalancer().sum("fn_tls_certificate_not_after_seconds", "use", "runners"))
        .isEqualTo(end);
    for (NodeProcess runner : observed.runners()) {
      assertThat(observed.page(runner).sum("fn_tls_certificate_not_after_seconds", "use", "grpc"))
          .isEqualTo(end);
    }
  }

  @Test
  void nothingIsLoggedBeforeTheLogIsSetUp() {
    for (NodeProcess node : observed.cluster().nodes()) {
      assertThat(node.firstLogLine()).as(node.name()).matches("\\d{4}-\\d\\d-\\d\\dT.*");
    }
  }

  @Test
  void labelsDoNotGrowWithWhatClientsSend() {
    for (int i = 0; i < 20; i++) {
      observed.cluster().client().request("GET", "/no-such-path-" + i, "", Map.of());
      observed.cluster().client().request("GET", "/invoke/no-such-fn-" + i, "", Map.of());
    }
    String page =
        observed.cluster().client().get(observed.cluster().loadBalancer(), "/metrics").body();
    assertThat(page).contains("path=\"invalid\"").doesNotContain("no-such");
  }
}
