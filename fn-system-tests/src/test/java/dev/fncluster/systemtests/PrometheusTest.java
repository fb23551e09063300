package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Prometheus with the rules of this project, and the dashboards on what it has scraped. */
@Tag("docker")
@ExtendWith(ObservedClusterExtension.class)
final class PrometheusTest {
  private static final Duration BOUND = Duration.ofSeconds(120);

  private final ObservedCluster observed;

  PrometheusTest(ObservedCluster observed) {
    this.observed = observed;
  }

  @Test
  void prometheusScrapesEveryNodeAsOpenMetrics() {
    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          JsonNode targets = observed.prometheus().targets().get("activeTargets");
          assertThat(targets).hasSize(4);
          for (JsonNode target : targets) {
            assertThat(target.get("health").asText()).as(target.toString()).isEqualTo("up");
          }
        });
    HttpResponse<String> page =
        observed
            .cluster()
            .client()
            .get(observed.cluster().loadBalancer(), "/metrics", "application/openmetrics-text");
    assertThat(FnClient.header(page, "Content-Type")).startsWith("application/openmetrics-text");
    assertThat(page.body()).endsWith("# EOF\n");
  }

  @Test
  void rulesOfAlertsAndRecordingsHold() {
    for (String file : List.of("prometheus.yml", "prometheus-dns.yml")) {
      promtool("check", "config", file);
    }
    promtool("test", "rules", "alerts_test.yml");
    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          for (JsonNode group : observed.prometheus().rules().get("groups")) {
            for (JsonNode rule : group.get("rules")) {
              assertThat(rule.get("health").asText()).as(rule.toString()).isEqualTo("ok");
            }
          }
          // A recording, under the name that other servers export.
          assertThat(number("sum(fn_calls{job=\"fn-lb\"})")).isEqualTo(observed.calls().sent());
          assertThat(observed.prometheus().query("fn_container_busy_total")).isNotEmpty();
        });
  }

  private static void promtool(String... arguments) {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Commands.Result result =
        Commands.run(BOUND, Repository.root().resolve("deploy/prometheus"), Map.of(), command);
    assertThat(result.exitStatus()).as("%s: %s", command, result.output()).isZero();
  }

  private double number(String expression) {
    JsonNode rows = observed.prometheus().query(expression);
    return rows.isEmpty() ? Double.NaN : rows.get(0).get("value").get(1).asDouble();
  }

  @Test
  void everyQueryOfEveryDashboardHasData() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    List<Path> dashboards;
    try (Stream<Path> files = Files.list(Repository.root().resolve("deploy/grafana"))) {
      dashboards = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    assertThat(dashboards).hasSize(4);
    for (Path file : dashboards) {
      JsonNode dashboard = new ObjectMapper().readTree(file.toFile());
      assertThat(dashboard.get("uid").asText() + ".json").isEqualTo(file.getFileName().toString());
      for (JsonNode panel : dashboard.get("panels")) {
        for (JsonNode target : panel.get("targets")) {
          String expression = target.get("expr").asText();
          softly
              .assertThat(observed.prometheus().query(inGrafana(expression)))
              .as("%s, %s: %s", file.getFileName(), panel.get("title").asText(), expression)
              .isNotEmpty();
        }
      }
    }
    softly.assertAll();
  }

  /** As Grafana puts it to Prometheus. */
  private static String inGrafana(String expression) {
    String filled =
        expression
            .replace("$__rate_interval", "5m")
            .replace("$instance", ".*")
            .replace("$fn_id", ".*");
    assertThat(filled).doesNotContain("$");
    return filled;
  }

  @Test
  void bucketsHaveTracesAsTheirExamples() {
    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          JsonNode series =
              observed.prometheus().exemplars("fn_lb_call_latency_bucket{job=\"fn-lb\"}");
          assertThat(series).isNotEmpty();
          assertThat(series.get(0).at("/exemplars/0/labels/trace_id").asText())
              .matches("[0-9a-f]{32}");
        });
  }
}
