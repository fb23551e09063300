package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private static final MeasureLong EVICTIONS =
      MeasureLong.create("container_evictions", "gone", "1");
  private static final MeasureLong IDLE =
      MeasureLong.create("container_idle_duration_seconds", "idle", "ms");
  private static final MeasureLong RECEIVED = MeasureLong.create("docker_stats_net_rx", "in", "By");
  private static final MeasureLong CPU = MeasureLong.create("util_cpu_avail", "cpu", "1");

  private Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1.2.3");

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void countersAreTotalsAndSecondsAreSecondsByDefault() {
    register(EVICTIONS, Aggregation.Count.create(), "container_state", "app_id");
    register(IDLE, Distributions.LATENCY);
    metrics.views().recorder(EVICTIONS, "container_state", "idle").increment();
    metrics.views().recorder(EVICTIONS, "app_id", "a\"\\b").record(5);
    Recorder idle = metrics.views().recorder(IDLE);
    idle.record(50);
    idle.record(51);

    assertThat(page())
        .contains(
            "# TYPE fn_container_evictions_total counter",
            "fn_container_evictions_total{app_id=\"\",container_state=\"idle\"} 1.0",
            "fn_container_evictions_total{app_id=\"a\\\"\\\\b\",container_state=\"\"} 1.0",
            "# TYPE fn_container_idle_duration_seconds histogram",
            "fn_container_idle_duration_seconds_bucket{le=\"0.01\"} 0",
            "fn_container_idle_duration_seconds_bucket{le=\"0.05\"} 1",
            "fn_container_idle_duration_seconds_bucket{le=\"0.1\"} 2",
            "fn_container_idle_duration_seconds_count 2",
            "fn_container_idle_duration_seconds_sum 0.101");
  }

  @Test
  void namesAndUnitsOfOtherImplementationsOnRequest() {
    metrics.close();
    metrics = Metrics.create(MetricNames.FN, "1.2.3");
    register(EVICTIONS, Aggregation.Count.create(), "container_state", "app_id");
    register(IDLE, Distributions.LATENCY);
    metrics.views().recorder(EVICTIONS, "app_id", "a\"\\b\nc").increment();
    metrics.views().recorder(IDLE).record(50);
    metrics.views().upDown("container_busy_total", "busy", "fn_id", "f").increment();

    Metrics.Page page = metrics.scrape("application/openmetrics-text; version=1.0.0");
    assertThat(page.contentType()).startsWith("text/plain; version=0.0.4");
    assertThat(lines(page))
        .contains(
            "# HELP fn_container_evictions gone",
            "# TYPE fn_container_evictions counter",
            "fn_container_evictions{app_id=\"a\\\"\\\\b\\nc\",container_state=\"\"} 1",
            "# TYPE fn_container_busy_total gauge",
            "fn_container_busy_total{fn_id=\"f\"} 1",
            "fn_container_idle_duration_seconds_bucket{le=\"50\"} 1",
            "fn_container_idle_duration_seconds_sum 50")
        .noneMatch(line -> line.contains("fn_container_evictions_total"));
  }

  @Test
  void histogramsKeepTheirTotalInNamesOfOtherImplementations() {
    metrics.close();
    metrics = Metrics.create(MetricNames.FN, "1.2.3");
    MeasureLong cpu = MeasureLong.create("docker_stats_cpu_total", "cpu", "1");
    register(cpu, Buckets.of(10, 50), "fn_id");
    Recorder recorder = metrics.views().recorder(cpu, "fn_id", "f");
    recorder.record(10);
    recorder.record(11);
    recorder.record(99);

    assertThat(lines(metrics.scrape(null)))
        .contains(
            "# TYPE fn_docker_stats_cpu_total histogram",
            "fn_docker_stats_cpu_total_bucket{fn_id=\"f\",le=\"0\"} 0",
            "fn_docker_stats_cpu_total_bucket{fn_id=\"f\",le=\"10\"} 1",
            "fn_docker_stats_cpu_total_bucket{fn_id=\"f\",le=\"50\"} 2",
            "fn_docker_stats_cpu_total_bucket{fn_id=\"f\",le=\"+Inf\"} 3",
            "fn_docker_stats_cpu_total_count{fn_id=\"f\"} 3",
            "fn_docker_stats_cpu_total_sum{fn_id=\"f\"} 120");
  }

  @Test
  void amountsHaveABucketOfZerosInNamesOfOtherImplementations() {
    metrics.close();
    metrics = Metrics.create(MetricNames.FN, "1.2.3");
    register(RECEIVED, Distributions.IO);
    register(IDLE, Distributions.LATENCY);
    Recorder received = metrics.views().recorder(RECEIVED);
    received.record(0);
    received.record(1);
    metrics.views().recorder(IDLE).record(0);

    assertThat(lines(metrics.scrape(null)))
        .contains(
            "fn_docker_stats_net_rx_bucket{le=\"0\"} 1",
            "fn_docker_stats_net_rx_bucket{le=\"131072\"} 2",
            "fn_docker_stats_net_rx_bucket{le=\"1.048576e+06\"} 2",
            "fn_docker_stats_net_rx_bucket{le=\"1.34217728e+08\"} 2",
            "fn_container_idle_duration_seconds_bucket{le=\"1\"} 1",
            "fn_container_idle_duration_seconds_bucket{le=\"120000\"} 1")
        .noneMatch(line -> line.startsWith("fn_container_idle_duration_seconds_bucket{le=\"0\"}"));
  }

  @Test
  void valuesOfATraceAreExamplesOfTheirBuckets() {
    metrics.close();
    metrics = Metrics.create(MetricNames.PROMETHEUS, "1.2.3", true);
    register(CPU, Buckets.of(10));
    Recorder recorder = metrics.views().recorder(CPU);
    String trace = "0af7651916cd43dd8448eb211c80319c";
    Exemplars.during(trace, "b7ad6b7169203331", () -> recorder.record(5));

    assertThat(lines(metrics.scrape("application/openmetrics-text; version=1.0.0")))
        .anyMatch(line ->
            line.startsWith("fn_util_cpu_avail_bucket{le=\"10.0\"} 1 # {")
                && line.contains("trace_id=\"" + trace + "\""));
  }

  @Test
  void sumsThatFallAreGaugesWithTheColumnsOfTheirView() {
    MeasureLong busy = MeasureLong.create("container_busy_total", "busy", "1");
    register(busy, Aggregation.Sum.create(), "fn_id");
    UpDownGauge gauge = metrics.views().upDown(busy, "fn_id", "f", "image_name", "i");
    gauge.increment();
    gauge.increment();
    gauge.decrement();

    assertThat(metrics.views().upDown(busy, "fn_id", "f")).isSameAs(gauge);
    assertThat(page())
        .contains("# TYPE fn_container_busy gauge", "fn_container_busy{fn_id=\"f\"} 1.0");
  }

  @Test
  void sumsThatFallWithoutAViewAreNotExported() {
    metrics.views().upDown(MeasureLong.create("unseen", "unseen", "1")).increment();

    assertThat(page()).noneMatch(line -> line.contains("unseen"));
  }

  @Test
  void gaugesGoUpAndDown() {
    UpDownGauge running = metrics.views().upDown("running", "calls currently running in agent");
    running.increment();
    running.increment();
    running.decrement();
    assertThat(metrics.views().upDown("running", "again")).isSameAs(running);
    assertThat(page()).contains("# TYPE fn_running gauge", "fn_running 1.0");
  }

  @Test
  void onlyCountersEndInTotalByDefault() {
    metrics.views().upDown("container_busy_total", "busy").increment();
    assertThat(page()).contains("# TYPE fn_container_busy gauge", "fn_container_busy 1.0");
  }

  @Test
  void lastValuesAreGaugesThatForget() {
    register(CPU, Aggregation.LastValue.create());
    Recorder cpu = metrics.views().recorder(CPU);
    cpu.record(3);
    metrics.views().recorder(CPU).record(2);
    assertThat(page()).contains("fn_util_cpu_avail 2.0");
  }

  @Test
  void theBoundZeroIsLeftOut() {
    register(RECEIVED, Distributions.IO);
    metrics.views().recorder(RECEIVED).record(0);
    assertThat(page())
        .contains("fn_docker_stats_net_rx_bucket{le=\"131072.0\"} 1")
        .noneMatch(line -> line.contains("fn_docker_stats_net_rx_bucket{le=\"0"));
  }

  @Test
  void severalViewsOfOneMeasure() {
    register("calls", EVICTIONS, Aggregation.Sum.create());
    register("calls_spread", EVICTIONS, Buckets.of(2, 3, 4));
    metrics.views().recorder(EVICTIONS).record(3);
    assertThat(page()).contains("fn_calls_total 3.0", "fn_calls_spread_bucket{le=\"3.0\"} 1");
  }

  @Test
  void aMeasureWithoutViewsIsNotRecorded() {
    metrics.views().recorder(EVICTIONS).increment();
    assertThat(page()).noneMatch(line -> line.contains("fn_container_evictions"));
  }

  @Test
  void aViewThatComesAfterARecorderOfItsMeasureIsRefused() {
    Recorder early = metrics.views().recorder(EVICTIONS);
    early.increment();

    assertThatThrownBy(() -> register(EVICTIONS, Aggregation.Count.create()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("view container_evictions comes too late");
    // Others of the registry are as before.
    register(CPU, Aggregation.LastValue.create());
    metrics.views().upDown(IDLE);
    assertThatThrownBy(() -> register(IDLE, Aggregation.Sum.create()))
        .hasMessageContaining("container_idle_duration_seconds has recorders already");
  }

  @Test
  void commandsMayBeginWithADigit() throws Exception {
    Process process = new ProcessBuilder("bash", "-c", "exec -a 7z sleep 60").start();
    try {
      metrics.watchProcess("7z");
      await()
          .untilAsserted(
              () -> assertThat(page()).anyMatch(line -> line.startsWith("_7z_process_open_fds ")));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void mistakesAreFoundAtOnce() {
    register(CPU, Aggregation.LastValue.create());
    assertThatThrownBy(() -> register(CPU, Aggregation.LastValue.create()))
        .hasMessageContaining("view util_cpu_avail is registered twice");
    assertThatThrownBy(() -> metrics.views().recorder(CPU, "lonely")).hasMessageContaining("pairs");
    metrics.views().upDown("running", "d", "a", "1");
    assertThatThrownBy(() -> metrics.views().upDown("running", "d", "b", "1"))
        .hasMessageContaining("running");
  }

  @Test
  void saysWhatTheProcessIsAndDoes() {
    assertThat(page())
        .contains("fn_build_info{version=\"1.2.3\"} 1")
        .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
        .anyMatch(line -> line.startsWith("jvm_threads_live_threads "))
        .anyMatch(line -> line.startsWith("process_uptime_seconds "))
        .anyMatch(line -> line.startsWith("process_files_open_files "))
        .anyMatch(line -> line.startsWith("process_cpu_usage "))
        .anyMatch(line -> line.startsWith("fn_process_cpu_seconds_total "))
        .anyMatch(line -> line.startsWith("fn_process_resident_memory_bytes "));
  }

  @Test
  void otherProcessesAreWatchedWhileThereAreAny() throws Exception {
    Process sleeper = new ProcessBuilder("sleep", "600").redirectErrorStream(true).start();
    try {
      metrics.watchProcess("sleep");
      metrics.watchProcess("no-such-process");
      assertThat(page())
          .anyMatch(line -> line.startsWith("sleep_process_open_fds "))
          .anyMatch(line -> line.startsWith("sleep_process_max_fds "))
          .noneMatch(line -> line.startsWith("no_such_process"));
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }

  @Test
  void openMetricsForWhomAsks() {
    Metrics.Page open =
        metrics.scrape("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    assertThat(open.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(lines(open)).last().isEqualTo("# EOF");
    assertThat(metrics.scrape(null).contentType())
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.scrape("text/html, */*").contentType()).startsWith("text/plain");
  }

  @Test
  void apiViews() {
    metrics.views().register(ApiViews.create(List.of(), Distributions.LATENCY));
    metrics.views().recorder(ApiViews.REQUESTS, "method", "GET", "path", "/").increment();
    metrics
        .views()
        .recorder(ApiViews.LATENCY, "method", "GET", "path", "/", "status", "200")
        .record(7);
    assertThat(page())
        .contains(
            "fn_api_request_count_total{method=\"GET\",path=\"/\"} 1.0",
            "fn_api_latency_bucket{blame=\"\",fn_fdk_version=\"\",method=\"GET\",path=\"/\","
                + "status=\"200\",le=\"10.0\"} 1");
  }

  private void register(MeasureLong measure, Aggregation aggregation, String... tags) {
    register(measure.getName(), measure, aggregation, tags);
  }

  private void register(String name, MeasureLong measure, Aggregation aggregation, String... tags) {
    List<TagKey> columns = Arrays.stream(tags).map(TagKey::create).toList();
    metrics
        .views()
        .register(
            List.of(
                View.create(
                    View.Name.create(name),
                    measure.getDescription(),
                    measure,
                    aggregation,
                    columns)));
  }

  private List<String> page() {
    return lines(metrics.scrape(null));
  }

  private static List<String> lines(Metrics.Page page) {
    return new String(page.body(), StandardCharsets.UTF_8).lines().toList();
  }
}
