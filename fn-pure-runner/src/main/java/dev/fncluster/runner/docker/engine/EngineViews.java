package dev.fncluster.runner.docker.engine;

import dev.fncluster.stats.Distributions;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** The measures of an engine's client and their views. */
public final class EngineViews {
  static final TagKey API_NAME = TagKey.create("api_name");
  static final TagKey API_STATUS = TagKey.create("api_status");
  static final TagKey EXIT_STATUS = TagKey.create("exit_status");
  static final TagKey EVENT_ACTION = TagKey.create("event_action");
  static final TagKey EVENT_TYPE = TagKey.create("event_type");

  static final MeasureLong API_LATENCY =
      measure("docker_api_latency", "time that calls of the Docker engine took", "ms");
  static final MeasureLong API_RETRIES =
      measure("docker_api_retries", "calls of the Docker engine that were tried again", "1");
  static final MeasureLong EXITS = measure("docker_exits", "containers that ended", "1");
  static final MeasureLong EVENTS = measure("docker_events", "events of the Docker engine", "1");
  static final MeasureLong INSTANCE_ID =
      measure("docker_instance_id", "a hash of the id of this runner process", "1");

  private EngineViews() {}

  /** All views of this package with the usual buckets, for the registry of the node. */
  public static List<View> all() {
    return create(Distributions.LATENCY);
  }

  /** All views of this package, for the registry of the node. */
  public static List<View> create(Aggregation.Distribution latency) {
    Aggregation count = Aggregation.Count.create();
    return List.of(
        view(API_LATENCY, latency, List.of(API_NAME, API_STATUS)),
        view(API_RETRIES, count, List.of(API_NAME, API_STATUS)),
        view(EXITS, count, List.of(API_NAME, EXIT_STATUS)),
        view(EVENTS, count, List.of(EVENT_ACTION, EVENT_TYPE)),
        view(INSTANCE_ID, Aggregation.LastValue.create(), List.of()));
  }

  private static View view(MeasureLong measure, Aggregation aggregation, List<TagKey> tags) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, aggregation, tags);
  }

  private static MeasureLong measure(String name, String description, String unit) {
    return Measure.MeasureLong.create(name, description, unit);
  }
}
