package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Metrics of calls tell functions apart where an operator asks for it, and only there. */
@Timeout(180)
final class CallTagsTest {
  private static final List<String> OF_LOAD_BALANCERS =
      List.of(
          "fn_calls_total",
          "fn_completed_total",
          "fn_lb_call_latency_count",
          "fn_lb_runner_sched_latency_count",
          "fn_lb_runner_exec_latency_count",
          "fn_lb_runner_cold_start_latency_count",
          "fn_lb_placer_attempt_count_count",
          "fn_lb_placer_latency_count",
          "fn_lb_placer_placed_ok_count_total");
  private static final List<String> OF_RUNNERS = List.of("fn_calls_total", "fn_completed_total");

  @Test
  void rowsHaveTheIdsOfTheirFunctions() throws Exception {
    try (LocalCluster cluster =
        LocalCluster.start(Map.of("FN_METRICS_CALL_TAGS", "fn_id,app_id"), site -> {})) {
      LocalCluster.Fn first = cluster.createFn();
      LocalCluster.Fn second = cluster.createFn();
      invoke(first, 1);
      invoke(second, 2);

      for (String name : OF_LOAD_BALANCERS) {
        List<String> rows = rows(cluster.front(), name);
        assertThat(rows).as(name).anyMatch(row -> isOf(row, first));
        assertThat(rows).as(name).anyMatch(row -> isOf(row, second));
        assertThat(rows).as(name).allMatch(row -> isOf(row, first) || isOf(row, second));
      }
      for (String name : OF_RUNNERS) {
        assertThat(rows(cluster.runner(), name))
            .as(name)
            .hasSize(2)
            .anyMatch(row -> isOf(row, first) && row.endsWith(" 1.0"))
            .anyMatch(row -> isOf(row, second) && row.endsWith(" 2.0"));
      }
    }
  }

  @Test
  void nobodyIsToldApartUnasked() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(Map.of(), site -> {})) {
      invoke(cluster.createFn(), 1);
      invoke(cluster.createFn(), 1);

      assertThat(cluster.front().send("GET", "/metrics", "").body()).doesNotContain("fn_id=");
      assertThat(rows(cluster.front(), "fn_completed_total"))
          .containsExactly("fn_completed_total 2.0");
      assertThat(rows(cluster.runner(), "fn_completed_total"))
          .containsExactly("fn_completed_total 2.0");
    }
  }

  private static void invoke(LocalCluster.Fn fn, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(fn.invoke("x").status()).isEqualTo(200);
    }
  }

  private static List<String> rows(WireClient node, String name) throws Exception {
    return node.send("GET", "/metrics", "")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .toList();
  }

  private static boolean isOf(String row, LocalCluster.Fn fn) {
    return row.contains("app_id=\"" + fn.appId + "\"") && row.contains("fn_id=\"" + fn.id + "\"");
  }
}
