package dev.fncluster.runner;

import dev.fncluster.runner.logs.LogViews;
import dev.fncluster.stats.AgentViews;
import dev.fncluster.stats.Distributions;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The measures of the runner agent and the views that export them. */
public final class RunnerViews {
  static final TagKey APP_ID = TagKey.create("app_id");
  static final TagKey FN_ID = TagKey.create("fn_id");
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

  private static final List<String> STATES = List.of("wait", "start", "idle", "paused", "busy");

  private RunnerViews() {}

  /** All views of the agent, for the registry of the node. */
  public static List<View> all() {
    List<View> views = new ArrayList<>(AgentViews.create(List.of()));
    for (MeasureLong each : List.of(CPU_USED, CPU_AVAILABLE, MEMORY_USED, MEMORY_AVAILABLE)) {
      views.add(view(each, Aggregation.LastValue.create(), List.of()));
    }
    List<TagKey> container = List.of(APP_ID, FN_ID, IMAGE_NAME);
    views.add(
        view(
            EVICTIONS,
            Aggregation.Count.create(),
            List.of(CONTAINER_STATE, APP_ID, FN_ID, IMAGE_NAME)));
    views.add(
        view(
            INIT_LATENCY, Distributions.LATENCY, List.of(SOCKET_STATE, APP_ID, FN_ID, IMAGE_NAME)));
    for (String state : STATES) {
      views.add(view(stateDuration(state), Distributions.LATENCY, container));
    }
    views.addAll(LogViews.all());
    return List.copyOf(views);
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
