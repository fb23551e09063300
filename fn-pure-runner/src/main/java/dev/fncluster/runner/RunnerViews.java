package dev.fncluster.runner;

import dev.fncluster.runner.logs.LogViews;
import dev.fncluster.stats.AgentViews;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.PerFunction;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The measures of the runner agent and the views that export them. */
public final class RunnerViews {
  static final TagKey APP_ID = TagKey.create(PerFunction.APP_ID);
  static final TagKey FN_ID = TagKey.create(PerFunction.FN_ID);
  static final TagKey IMAGE_NAME = TagKey.create("image_name");
  static final TagKey CONTAINER_STATE = TagKey.create("container_state");
  static final TagKey SOCKET_STATE = TagKey.create("container_uds_state");

  static final MeasureLong CPU_USED = measure("util_cpu_used", "agent cpu in use", "1");
  static final MeasureLong CPU_AVAILABLE = measure("util_cpu_avail", "agent cpu available", "1");
  static final MeasureLong MEMORY_USED = measure("util_mem_used", "agent memory in use", "By");
  static final MeasureLong MEMORY_AVAILABLE =
      measure("util_mem_avail", "agent memory available", "By");
  static final MeasureLong EVICTIONS =
      count("container_evictions", "containers evicted to make room for others");
  static final MeasureLong INIT_LATENCY =
      measure("container_uds_init_latency", "time until functions listened on their sockets", "ms");

  static final TagKey PHASE = TagKey.create("phase");
  static final MeasureLong LAUNCH_LATENCY =
      measure("container_launch_latency", "time that phases of launching containers took", "ms");

  /** What metrics of containers can tell apart. */
  public static final List<TagKey> CONTAINER_TAGS = List.of(APP_ID, FN_ID, IMAGE_NAME);

  private static final List<String> STATES = List.of("wait", "start", "idle", "paused", "busy");

  private RunnerViews() {}

  /** All views of the agent with the usual tags and buckets, for the registry of the node. */
  public static List<View> all() {
    return create(List.of(), CONTAINER_TAGS, BucketSets.DEFAULT);
  }

  /**
   * All views of the agent, for the registry of the node.
   *
   * @param callTags what counters of calls tell apart: {@link PerFunction#APP_ID}, {@link
   *     PerFunction#FN_ID}, both or none
   * @param containerTags what metrics of containers tell apart, of {@link #CONTAINER_TAGS}
   */
  public static List<View> create(
      List<TagKey> callTags, List<TagKey> containerTags, BucketSets buckets) {
    List<View> views = new ArrayList<>(AgentViews.create(callTags));
    for (MeasureLong each : List.of(CPU_USED, CPU_AVAILABLE, MEMORY_USED, MEMORY_AVAILABLE)) {
      views.add(view(each, Aggregation.LastValue.create(), List.of()));
    }
    views.add(view(EVICTIONS, Aggregation.Count.create(), with(CONTAINER_STATE, containerTags)));
    views.add(view(INIT_LATENCY, buckets.latency(), with(SOCKET_STATE, containerTags)));
    views.add(view(LAUNCH_LATENCY, buckets.latency(), List.of(PHASE)));
    for (String state : STATES) {
      views.add(view(stateCount(state), Aggregation.Sum.create(), containerTags));
      views.add(view(stateDuration(state), buckets.latency(), containerTags));
    }
    views.addAll(LogViews.all());
    return List.copyOf(views);
  }

  private static List<TagKey> with(TagKey own, List<TagKey> more) {
    return Stream.concat(Stream.of(own), more.stream()).toList();
  }

  static MeasureLong stateCount(String state) {
    return count("container_" + state + "_total", "containers that are in " + state);
  }

  static MeasureLong stateDuration(String state) {
    String lower = state.toLowerCase(Locale.ROOT);
    return measure(
        "container_" + lower + "_duration_seconds", "time containers spent in " + lower, "ms");
  }

  private static View view(MeasureLong measure, Aggregation aggregation, List<TagKey> tags) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, aggregation, tags);
  }

  private static MeasureLong count(String name, String description) {
    return measure(name, description, "1");
  }

  private static MeasureLong measure(String name, String description, String unit) {
    return Measure.MeasureLong.create(name, description, unit);
  }
}
