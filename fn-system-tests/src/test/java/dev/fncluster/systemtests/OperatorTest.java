package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What an operator sees of a cluster: calls that end in every way there is are sent once, while a
 * Prometheus looks on; then the metrics, their document, the rules and the dashboards are held
 * against what came of it.
 */
@Tag("docker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OperatorTest {
  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final int SUCCESSES = 40;
  private static final int CRASHES = 4;
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String B3_TRACE = "80f198ee56343ba864fe8b2a57d3eff7";
  private static final String REFUSED_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CLIENT_SPAN = "b7ad6b7169203331";
  private static final String HOLD = "{\"sleepTime\": 100000}";

  private PairOfNodes certificates;
  private Cluster cluster;
  private PrometheusServer prometheus;
  private TraceCollector collector;
  private String functionTraceParent = "";
  private String functionB3Trace = "";
  private int sent;
  private int successes;
  private int busy;
  private int left;

  @BeforeAll
  void callsOfEveryKind() throws Exception {
    collector = TraceCollector.start();
    String collectorUrl = "http://127.0.0.1:" + collector.port();
    certificates = PairOfNodes.issue();
    cluster =
        Cluster.start(
            certificates.with(
                "FN_RUNNER_TLS",
                Map.of(
                    "FN_OTLP_ENDPOINT", collectorUrl,
                    "FN_PLACER_TIMEOUT_MSECS", "3000",
                    "FN_DETACHED_PLACER_TIMEOUT_MSECS", "1000",
                    "FN_EXECUTION_HEADROOM", "0")),
            certificates.with(
                "FN_GRPC_TLS",
                Map.of(
                    "FN_OTLP_ENDPOINT",
                    collectorUrl,
                    "FN_MAX_TOTAL_MEMORY_BYTES",
                    Long.toString(512L << 20),
                    "FN_STATUS_IMAGE",
                    Repository.NODE_IMAGE,
                    "FN_IMAGE_CLEAN_MAX_SIZE",
                    Long.toString(1L << 50))));
    prometheus =
        PrometheusServer.start(
            Map.of(
                "fn-api", List.of(cluster.api()),
                "fn-lb", List.of(cluster.loadBalancer()),
                "fn-runner", runners()));
    traceOfTheW3c();
    succeed();
    fail();
    leaveDetached();
    meetFullRunners();
  }

  @AfterAll
  void stop() throws Exception {
    // Whatever of it was started.
    try (TraceCollector last = collector;
        Cluster nodes = cluster;
        PrometheusServer first = prometheus) {
      assertThat(Stream.of(last, nodes, first)).doesNotContainNull();
    } finally {
      Folders.delete(certificates.folder());
    }
  }

  private List<NodeProcess> runners() {
    return cluster.runners().stream().map(Cluster.RunnerNode::process).toList();
  }

  /** The first call of all, in a container that is launched for it. */
  private void traceOfTheW3c() {
    FnClient.CreatedFn fn = cluster.client().createKnobs(more -> {});
    HttpResponse<String> response =
        cluster
            .client()
            .request(
                "POST",
                "/invoke/" + fn.id(),
                "{}",
                Map.of("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    functionTraceParent = headerOfFunction(response, "traceparent");
    HttpResponse<String> second =
        cluster
            .client()
            .request(
                "POST",
                "/invoke/" + fn.id(),
                "{}",
                Map.of(
                    "X-B3-TraceId", B3_TRACE,
                    "X-B3-SpanId", CLIENT_SPAN,
                    "X-B3-Sampled", "1"));
    assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
    functionB3Trace = headerOfFunction(second, "X-B3-TraceId");
    sent += 2;
    successes += 2;
  }

  private static String headerOfFunction(HttpResponse<String> response, String name) {
    JsonNode headers = FnClient.json(response).get("header");
    for (Map.Entry<String, JsonNode> each : headers.properties()) {
      if (each.getKey().equalsIgnoreCase(name)) {
        JsonNode value = each.getValue();
        return value.isArray() ? value.get(0).asText() : value.asText();
      }
    }
    throw new AssertionError("the function got no " + name + " but " + headers);
  }

  private void succeed() {
    FnClient.CreatedFn echo = cluster.client().createEcho();
    cluster.client().createTrigger(echo, "/echo");
    for (int i = 0; i < SUCCESSES; i++) {
      assertThat(cluster.client().invoke(echo, "x").statusCode()).isEqualTo(200);
    }
    HttpResponse<String> triggered =
        cluster.client().request("POST", "/t/" + echo.appName() + "/echo", "x", Map.of());
    assertThat(triggered.statusCode()).isEqualTo(200);
    sent += SUCCESSES + 1;
    successes += SUCCESSES + 1;
  }

  private void fail() {
    FnClient.CreatedFn crashing = cluster.client().createKnobs(fn -> fn.put("timeout", 1));
    for (int i = 0; i < CRASHES; i++) {
      assertThat(cluster.client().invoke(crashing, "{\"isCrash\": true}").statusCode())
          .isEqualTo(502);
    }
    assertThat(cluster.client().invoke(crashing, HOLD).statusCode()).isEqualTo(504);
    sent += CRASHES + 1;
    FnClient.CreatedFn mute =
        cluster.client().createKnobs(fn -> fn.withObject("/config").put("ENABLE_INIT_EXIT", "1"));
    assertThat(cluster.client().invoke(mute, "{}").statusCode()).isEqualTo(502);
    sent++;
  }

  /** Its time is over while it waits for a container that is slow to start. */
  private void leaveDetached() {
    FnClient.CreatedFn slow =
        cluster
            .client()
            .createKnobs(fn -> {
              fn.put("timeout", 1);
              fn.withObject("/config").put("ENABLE_INIT_DELAY_MSEC", "4000");
            });
    HttpResponse<String> response =
        cluster
            .client()
            .request("POST", "/invoke/" + slow.id(), "{}", Map.of("Fn-Invoke-Type", "detached"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(500);
    sent++;
  }

  private void meetFullRunners() throws Exception {
    FnClient.CreatedFn filling =
        cluster.client().createKnobs(fn -> fn.put("memory", 400).put("timeout", 120));
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    for (int calls = 1; calls <= 2; calls++) {
      held.add(cluster.client().invokeAsync(filling, HOLD));
      double expected = calls;
      await()
          .atMost(BOUND)
          .untilAsserted(() ->
              assertThat(runners().stream().mapToDouble(node -> page(node).sum("fn_running")).sum())
                  .isEqualTo(expected));
    }
    HttpResponse<String> refused =
        cluster
            .client()
            .request(
                "POST",
                "/invoke/" + filling.id(),
                "{}",
                Map.of("traceparent", "00-" + REFUSED_TRACE + "-" + CLIENT_SPAN + "-01"));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
    busy++;
    // Leaves before the placer gives up.
    CompletableFuture<HttpResponse<String>> searching = cluster.client().invokeAsync(filling, "{}");
    await()
        .atMost(BOUND)
        .until(() -> page(cluster.loadBalancer()).sum("fn_running") == held.size() + 1);
    searching.cancel(true);
    held.forEach(call -> call.cancel(true));
    left += held.size() + 1;
    sent += held.size() + 2;
    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(page(cluster.loadBalancer()).sum("fn_running")).isZero());
  }

  private Exposition page(NodeProcess node) {
    return Exposition.parse(cluster.client().get(node, "/metrics").body());
  }

  @Test
  void everyCallIsInOneSumAndNoneInTwo() {
    Exposition page = page(cluster.loadBalancer());
    double completed = page.sum("fn_completed_total");
    double failed = page.sum("fn_errors_total");
    double timeouts = page.sum("fn_timeouts_total");
    double canceled = page.sum("fn_canceled_total");
    double refused = page.sum("fn_server_busy_total");

    assertThat(page.sum("fn_calls_total")).isEqualTo(sent);
    assertThat(completed + failed + timeouts + canceled + refused).isEqualTo(sent);
    assertThat(completed).isEqualTo(successes);
    assertThat(failed).isEqualTo(CRASHES + 2);
    assertThat(timeouts).isEqualTo(1);
    assertThat(refused + canceled).isEqualTo(busy + left);
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
    Exposition page = page(cluster.loadBalancer());
    String placer = "fn_lb_placer_";
    double ok = page.sum(placer + "placed_ok_count_total");
    double failed = page.sum(placer + "placed_error_count_total");
    double aborted = page.sum(placer + "placed_abort_count_total");
    double cancelled = page.sum(placer + "client_cancelled_count_total");
    double late = page.sum(placer + "client_timeout_count_total");
    double over = page.sum(placer + "timeout_count_total");

    assertThat(page.sum(placer + "attempt_count_count")).isEqualTo(sent);
    assertThat(page.sum(placer + "latency_count")).isEqualTo(sent);
    // Whoever left did so with the call placed (aborted) or while a runner was looked for.
    assertThat(ok + failed + cancelled + late + over).isEqualTo(sent);
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
      softly.assertThat(onRunners(sample)).as(sample).isPositive();
    }
    for (String phase : List.of("image_pull", "prepare", "create", "socket_wait")) {
      softly
          .assertThat(onRunners("fn_container_launch_latency_count", "phase", phase))
          .as(phase)
          .isPositive();
      softly
          .assertThat(
              page(cluster.loadBalancer())
                  .sum("fn_lb_runner_cold_start_latency_count", "phase", phase))
          .as(phase)
          .isPositive();
    }
    softly
        .assertThat(
            onRunners("fn_container_uds_init_latency_count", "container_uds_state", "canceled"))
        .isPositive();
    softly.assertAll();
  }

  private double onRunners(String sample) {
    return runners().stream().mapToDouble(node -> page(node).sum(sample)).sum();
  }

  private double onRunners(String sample, String label, String value) {
    return runners().stream().mapToDouble(node -> page(node).sum(sample, label, value)).sum();
  }

  @Test
  void theDocumentSaysWhatNodesExport() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    check(softly, "api", false, List.of(page(cluster.api())));
    check(softly, "lb", false, List.of(page(cluster.loadBalancer())));
    check(softly, "runner", false, runners().stream().map(this::page).toList());
    check(softly, "full", true, List.of(fullNodeWithOtherNames()));
    softly.assertAll();
  }

  private Exposition fullNodeWithOtherNames() throws IOException {
    String tag = "system-test-operator-" + ProcessHandle.current().pid();
    Path folder = Files.createTempDirectory("fn-st");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (NodeProcess node =
        NodeProcess.start(
                "operator-full",
                Map.of(
                    "FN_DB_URL",
                    "sqlite3://" + folder.resolve("fn.db"),
                    "FN_IOFS_PATH",
                    Files.createDirectory(folder.resolve("s")).toString(),
                    "FN_CONTAINER_LABEL_TAG",
                    tag,
                    "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
                    "0",
                    "FN_IMAGE_CLEAN_MAX_SIZE",
                    Long.toString(1L << 50),
                    "FN_METRICS_NAMES",
                    "fn"))
            .awaitReady()) {
      FnClient client = new FnClient(node, node);
      assertThat(client.invoke(client.createEcho(), "x").statusCode()).isEqualTo(200);
      await()
          .atMost(BOUND)
          .until(() ->
              Exposition.parse(client.get(node, "/metrics").body())
                  .families()
                  .keySet()
                  .containsAll(List.of("fn_docker_stats_mem_usage", "fn_docker_events")));
      return Exposition.parse(client.get(node, "/metrics").body());
    } finally {
      Containers.removeAll(tag);
      Folders.delete(folder);
    }
  }

  private static void check(
      SoftAssertions softly, String node, boolean fnNames, List<Exposition> pages) {
    List<MetricsTable.Row> rows =
        MetricsTable.read().stream().filter(row -> row.nodes().contains(node)).toList();
    TreeSet<String> undocumented = new TreeSet<>();
    pages.forEach(page -> undocumented.addAll(page.names()));
    for (MetricsTable.Row row : rows) {
      String name = row.nameFor(fnNames);
      undocumented.remove(name);
      List<Exposition.Family> found =
          pages.stream()
              .filter(page -> page.families().containsKey(name))
              .map(page -> page.families().get(name))
              .toList();
      if (row.always()) {
        softly.assertThat(found).as("%s on node %s", name, node).isNotEmpty();
      }
      for (Exposition.Family family : found) {
        softly.assertThat(family.type()).as("type of %s on %s", name, node).isEqualTo(row.type());
        softly
            .assertThat(family.labels())
            .as("labels of %s on %s", name, node)
            .isEqualTo(row.labels());
      }
    }
    softly
        .assertThat(undocumented)
        .as("metrics of node %s that docs/metrics.md does not have", node)
        .isEmpty();
  }

  @Test
  void promtoolFindsNothingWrongWithThePages() throws Exception {
    for (NodeProcess node : cluster.nodes()) {
      Path file = Files.createTempFile("fn-st-metrics", ".txt");
      try {
        Files.writeString(file, cluster.client().get(node, "/metrics").body());
        Commands.Result result =
            Commands.run(
                BOUND,
                Path.of("/"),
                Map.of(),
                List.of("sh", "-c", "promtool check metrics < " + file));
        assertThat(result.output()).as(node.name()).isEmpty();
        assertThat(result.exitStatus()).as(node.name()).isZero();
      } finally {
        Files.delete(file);
      }
    }
  }

  @Test
  void prometheusScrapesEveryNodeAsOpenMetrics() {
    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          JsonNode targets = prometheus.targets().get("activeTargets");
          assertThat(targets).hasSize(4);
          for (JsonNode target : targets) {
            assertThat(target.get("health").asText()).as(target.toString()).isEqualTo("up");
          }
        });
    HttpResponse<String> page =
        cluster.client().get(cluster.loadBalancer(), "/metrics", "application/openmetrics-text");
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
          for (JsonNode group : prometheus.rules().get("groups")) {
            for (JsonNode rule : group.get("rules")) {
              assertThat(rule.get("health").asText()).as(rule.toString()).isEqualTo("ok");
            }
          }
          // A recording, under the name that other servers export.
          assertThat(number("sum(fn_calls{job=\"fn-lb\"})")).isEqualTo(sent);
          assertThat(prometheus.query("fn_container_busy_total")).isNotEmpty();
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
    JsonNode rows = prometheus.query(expression);
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
              .assertThat(prometheus.query(inGrafana(expression)))
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
  void aTraceLeadsFromTheClientToTheFunction() {
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(collector.spans(TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke", "fn.place", "fn.run", "fn.queue", "fn.execute"));
    TraceCollector.Seen invoke = collector.span(TRACE, "fn.invoke");
    TraceCollector.Seen execute = collector.span(TRACE, "fn.execute");
    // A runner that was full may have refused the call before: another placement, and its own.
    TraceCollector.Seen run = collector.parent(execute);
    TraceCollector.Seen place = collector.parent(run);

    assertThat(invoke.service()).isEqualTo("fn-lb");
    assertThat(invoke.parent()).isEqualTo(CLIENT_SPAN);
    assertThat(place.name()).isEqualTo("fn.place");
    assertThat(place.parent()).isEqualTo(invoke.id());
    assertThat(run.name()).isEqualTo("fn.run");
    assertThat(run.service()).isEqualTo("fn-runner");
    for (String step :
        List.of(
            "fn.queue",
            "fn.image_pull",
            "fn.container_create",
            "fn.container_start",
            "fn.container_init",
            "fn.execute")) {
      assertThat(collector.spans(TRACE))
          .as(step)
          .anyMatch(each -> each.name().equals(step) && each.parent().equals(run.id()));
    }
    assertThat(functionTraceParent).startsWith("00-" + TRACE + "-" + execute.id() + "-0");
  }

  @Test
  void aTraceTellsOfTheWaitsForRunnersAndDoesNotGrowWithThem() {
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(collector.spans(REFUSED_TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke"));
    TraceCollector.Seen invoke = collector.span(REFUSED_TRACE, "fn.invoke");
    List<TraceCollector.Seen> search =
        collector.spans(REFUSED_TRACE).stream()
            .filter(span -> span.parent().equals(invoke.id()))
            .toList();

    assertThat(search).hasSizeBetween(4, 64);
    assertThat(search)
        .filteredOn(span -> span.name().equals("fn.place_wait"))
        .isNotEmpty()
        .allMatch(span -> "busy".equals(span.attributes().get("fn.reason")));
    assertThat(search)
        .filteredOn(span -> span.name().equals("fn.place"))
        .isNotEmpty()
        .allMatch(span -> span.attributes().containsKey("fn.runner"));
  }

  @Test
  void tracesOfB3AreContinuedToo() {
    assertThat(functionB3Trace).isEqualTo(B3_TRACE);
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(collector.spans(B3_TRACE))
                .extracting(TraceCollector.Seen::name)
                .contains("fn.invoke", "fn.run", "fn.execute"));
    assertThat(collector.span(B3_TRACE, "fn.invoke").parent()).isEqualTo(CLIENT_SPAN);
  }

  @Test
  void bucketsHaveTracesAsTheirExamples() {
    await()
        .atMost(BOUND)
        .untilAsserted(() -> {
          JsonNode series = prometheus.exemplars("fn_lb_call_latency_bucket{job=\"fn-lb\"}");
          assertThat(series).isNotEmpty();
          assertThat(series.get(0).at("/exemplars/0/labels/trace_id").asText())
              .matches("[0-9a-f]{32}");
        });
  }

  @Test
  void nodesTellWhenTheirCertificatesEnd() {
    double end = certificates.notAfter().getEpochSecond();

    assertThat(
            page(cluster.loadBalancer())
                .sum("fn_tls_certificate_not_after_seconds", "use", "runners"))
        .isEqualTo(end);
    for (NodeProcess runner : runners()) {
      assertThat(page(runner).sum("fn_tls_certificate_not_after_seconds", "use", "grpc"))
          .isEqualTo(end);
    }
  }

  @Test
  void nothingIsLoggedBeforeTheLogIsSetUp() {
    for (NodeProcess node : cluster.nodes()) {
      assertThat(node.firstLogLine()).as(node.name()).matches("\\d{4}-\\d\\d-\\d\\dT.*");
    }
  }

  @Test
  void labelsDoNotGrowWithWhatClientsSend() {
    for (int i = 0; i < 20; i++) {
      cluster.client().request("GET", "/no-such-path-" + i, "", Map.of());
      cluster.client().request("GET", "/invoke/no-such-fn-" + i, "", Map.of());
    }
    String page = cluster.client().get(cluster.loadBalancer(), "/metrics").body();
    assertThat(page).contains("path=\"invalid\"").doesNotContain("no-such");
  }
}
