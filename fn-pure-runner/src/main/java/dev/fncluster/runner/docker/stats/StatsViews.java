package dev.fncluster.runner.docker.stats;

import dev.fncluster.stats.BucketSets;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import java.util.List;

/** The measures of container samples and their views. */
public final class StatsViews {
  static final MeasureLong NET_RX = measure("net_rx", "By");
  static final MeasureLong NET_TX = measure("net_tx", "By");
  static final MeasureLong DISK_READ = measure("disk_read", "By");
  static final MeasureLong DISK_WRITE = measure("disk_write", "By");
  static final MeasureLong MEM_LIMIT = measure("mem_limit", "By");
  static final MeasureLong MEM_USAGE = measure("mem_usage", "By");
  static final MeasureLong CPU_USER = measure("cpu_user", "1");
  static final MeasureLong CPU_TOTAL = measure("cpu_total", "1");
  static final MeasureLong CPU_KERNEL = measure("cpu_kernel", "1");

  private StatsViews() {}

  /** All views of this package with the usual buckets, for the registry of the node. */
  public static List<View> all() {
    return create(BucketSets.DEFAULT);
  }

  /** All views of this package, for the registry of the node. */
  public static List<View> create(BucketSets buckets) {
    return List.of(
        view(NET_RX, buckets.io()),
        view(NET_TX, buckets.io()),
        view(DISK_READ, buckets.io()),
        view(DISK_WRITE, buckets.io()),
        view(MEM_LIMIT, buckets.memory()),
        view(MEM_USAGE, buckets.memory()),
        view(CPU_USER, buckets.cpu()),
        view(CPU_TOTAL, buckets.cpu()),
        view(CPU_KERNEL, buckets.cpu()));
  }

  private static View view(MeasureLong measure, Aggregation aggregation) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        aggregation,
        List.of());
  }

  private static MeasureLong measure(String key, String unit) {
    return Measure.MeasureLong.create(
        "docker_stats_" + key, "docker container stats for " + key, unit);
  }
}
