package dev.fncluster.stats;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Optional;
import java.util.function.Supplier;

/** What one process of this machine uses, under the names that Prometheus libraries share. */
final class ProcessCollector implements MultiCollector {
  private final String prefix;
  private final Supplier<Optional<ProcessUse>> process;

  /**
   * Collects {@code process} each time.
   *
   * @param name what stands before {@code _process_}, before it is made a metric name
   */
  ProcessCollector(String name, Supplier<Optional<ProcessUse>> process) {
    this.prefix = prefix(name);
    this.process = process;
  }

  /** What stands before all names of metrics of the process {@code name}. */
  static String prefix(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9]", "_");
    // No name begins with a digit.
    return (clean.matches("\\d.*") ? "_" : "") + clean + "_process_";
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    process.get().ifPresent(use -> add(all, use));
    return all.build();
  }

  private void add(MetricSnapshots.Builder all, ProcessUse use) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name(prefix + "cpu_seconds")
            .help("Total user and system CPU time spent in seconds.")
            .dataPoint(
                CounterSnapshot.CounterDataPointSnapshot.builder().value(use.cpuSeconds()).build())
            .build());
    gauge(
        all,
        "start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        use.startTimeSeconds());
    gauge(all, "virtual_memory_bytes", "Virtual memory size in bytes.", use.virtualBytes());
    gauge(all, "resident_memory_bytes", "Resident memory size in bytes.", use.residentBytes());
    use.openFiles()
        .ifPresent(
            count -> gauge(all, "open_fds", "Number of open file descriptors.", (double) count));
    use.maxFiles()
        .ifPresent(count ->
            gauge(all, "max_fds", "Maximum number of open file descriptors.", (double) count));
  }

  private void gauge(MetricSnapshots.Builder all, String name, String help, double value) {
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name(prefix + name)
            .help(help)
            .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
            .build());
  }
}
