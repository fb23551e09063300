package dev.fncluster.runner.docker.stats;

import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.PerFunction;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The measures of container samples and their views. */
public final class StatsViews {
  static final TagKey APP_ID = TagKey.create(PerFunction.APP_ID);
  static final TagKey FN_ID = TagKey.create(PerFunction.FN_ID);
  static final TagKey IMAGE_NAME = TagKey.create("image_name");

  static final MeasureLong NET_RX = measure("net_rx", "By");
  static final MeasureLong NET_TX = measure("net_tx", "By");
  static final MeasureLong DISK_READ = measure("disk_read", "By");
  static final MeasureLong DISK_WRITE = measure("disk_write", "By");
  static final MeasureLong MEM_LIMIT = measure("mem_limit", "By");
  static final MeasureLong MEM_USAGE = measure("mem_usage", "By");
  static final MeasureLong CPU_USER = measure("cpu_user", "1");
  static final MeasureLong CPU_TOTAL = measure("cpu_total", "1");
  static final MeasureLong CPU_KERNEL = measure("cpu_kernel", "1");

  private static final List<MeasureLong> IN_AND_OUT =
      List.of(NET_RX, NET_TX, DISK_READ, DISK_WRITE);
  private static final List<MeasureLong> MEMORY = List.of(MEM_LIMIT, MEM_USAGE);
  private static final List<MeasureLong> PROCESSORS = List.of(CPU_USER, CPU_TOTAL, CPU_KERNEL);

  static final List<MeasureLong> MEASURES =
      Stream.of(IN_AND_OUT, MEMORY, PROCESSORS).flatMap(List::stream).toList();

  private StatsViews() {}

  /**
   * All views of this package with the usual buckets, for all containers together, for the registry
   * of the node.
   */
  public static List<View> all() {
    return create(List.of(), BucketSets.DEFAULT);
  }

  /**
   * All views of this package, for the registry of the node.
   *
   * @param tagKeys what they tell apart: {@code app_id}, {@code fn_id}, {@code image_name}, some of
   *     them or none
   */
  public static List<View> create(List<TagKey> tagKeys, BucketSets buckets) {
    List<View> views = new ArrayList<>();
    IN_AND_OUT.forEach(each -> views.add(view(each, buckets.io(), tagKeys)));
    MEMORY.forEach(each -> views.add(view(each, buckets.memory(), tagKeys)));
    PROCESSORS.forEach(each -> views.add(view(each, buckets.cpu(), tagKeys)));
    return List.copyOf(views);
  }

  private static View view(MeasureLong measure, Aggregation aggregation, List<TagKey> tagKeys) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        aggregation,
        tagKeys);
  }

  private static MeasureLong measure(String key, String unit) {
    return Measure.MeasureLong.create(
        "docker_stats_" + key, "docker container stats for " + key, unit);
  }
}
