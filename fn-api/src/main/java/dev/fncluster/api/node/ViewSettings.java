package dev.fncluster.api.node;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.Buckets;
import dev.fncluster.stats.Distributions;
import dev.fncluster.stats.PerFunction;
import io.opencensus.stats.Aggregation;
import io.opencensus.tags.TagKey;
import java.util.List;

/**
 * How finely a node measures.
 *
 * @param buckets how values are spread
 * @param callTags what metrics of calls tell apart
 * @param containerTags what metrics of containers tell apart
 * @param sampleTags what samples of what containers use tell apart
 */
public record ViewSettings(
    BucketSets buckets,
    List<TagKey> callTags,
    List<TagKey> containerTags,
    List<TagKey> sampleTags) {
  private static final List<String> CALL_TAG_NAMES = List.of(PerFunction.APP_ID, PerFunction.FN_ID);
  private static final List<String> CONTAINER_TAG_NAMES =
      List.of(PerFunction.APP_ID, PerFunction.FN_ID, "image_name");

  /** See {@link BucketSets#latency()}. */
  public static final Setting<List<Double>> LATENCY_BUCKETS =
      buckets("LATENCY", Distributions.LATENCY, "latencies but those of load balancers, in ms");

  /** See {@link BucketSets#lbLatency()}. */
  public static final Setting<List<Double>> LB_LATENCY_BUCKETS =
      buckets(
          "LB_LATENCY", Distributions.LB_LATENCY, "latencies of load balancers and placers, in ms");

  /** See {@link BucketSets#io()}. */
  public static final Setting<List<Double>> IO_BUCKETS =
      buckets("IO", Distributions.IO, "what containers read and write, in bytes");

  /** See {@link BucketSets#memory()}. */
  public static final Setting<List<Double>> MEMORY_BUCKETS =
      buckets("MEMORY", Distributions.MEMORY, "the memory of containers, in bytes");

  /** See {@link BucketSets#cpu()}. */
  public static final Setting<List<Double>> CPU_BUCKETS =
      buckets("CPU", Distributions.CPU, "the processor use of containers, in percent");

  /** See {@link #callTags()}. */
  public static final Setting<List<String>> CALL_TAGS =
      Setting.someOf(
          "FN_METRICS_CALL_TAGS",
          List.of(),
          CALL_TAG_NAMES,
          "What metrics of calls and their placement tell apart: app_id, fn_id, or both, separated by"
              + " a comma; empty for sums over all functions. A node tells 1000 of them apart, the"
              + " others together are called other.");

  /** See {@link #containerTags()}. */
  public static final Setting<List<String>> CONTAINER_TAGS =
      Setting.someOf(
          "FN_METRICS_CONTAINER_TAGS",
          CONTAINER_TAG_NAMES,
          CONTAINER_TAG_NAMES,
          "What metrics of containers tell apart: any of app_id, fn_id and image_name, separated by"
              + " commas; empty for sums over all functions. A runner tells 1000 functions apart, the"
              + " others together are called other.");

  /** See {@link #sampleTags()}. */
  public static final Setting<List<String>> SAMPLE_TAGS =
      Setting.someOf(
          "FN_METRICS_SAMPLE_TAGS",
          List.of(),
          CONTAINER_TAG_NAMES,
          "What metrics of the processors, memory, disk and network that containers use tell apart:"
              + " any of app_id, fn_id and image_name, separated by commas; empty for sums over all"
              + " functions. A runner tells 1000 functions apart, the others together are called"
              + " other.");

  /** Copies the lists. */
  public ViewSettings {
    callTags = List.copyOf(callTags);
    containerTags = List.copyOf(containerTags);
    sampleTags = List.copyOf(sampleTags);
  }

  private static Setting<List<Double>> buckets(
      String kind, Aggregation.Distribution usual, String what) {
    return Setting.risingNumbers(
        "FN_METRICS_" + kind + "_BUCKETS",
        usual.getBucketBoundaries().getBoundaries(),
        "The upper bounds of the buckets for " + what + ".");
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(
        LATENCY_BUCKETS,
        LB_LATENCY_BUCKETS,
        IO_BUCKETS,
        MEMORY_BUCKETS,
        CPU_BUCKETS,
        CALL_TAGS,
        CONTAINER_TAGS,
        SAMPLE_TAGS);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static ViewSettings from(Settings settings) {
    return new ViewSettings(
        new BucketSets(
            Buckets.of(settings.get(LATENCY_BUCKETS)),
            Buckets.of(settings.get(LB_LATENCY_BUCKETS)),
            Buckets.of(settings.get(IO_BUCKETS)),
            Buckets.of(settings.get(MEMORY_BUCKETS)),
            Buckets.of(settings.get(CPU_BUCKETS))),
        tags(settings.get(CALL_TAGS)),
        tags(settings.get(CONTAINER_TAGS)),
        tags(settings.get(SAMPLE_TAGS)));
  }

  private static List<TagKey> tags(List<String> names) {
    return names.stream().map(TagKey::create).toList();
  }
}
