package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** What every agent, on a load balancer or a runner, counts of its calls. */
public final class AgentViews {
  static final MeasureLong CALLS = measure("calls", "calls created in agent");
  static final MeasureLong COMPLETED = measure("completed", "calls completed in agent");
  static final MeasureLong CANCELED = measure("canceled", "calls canceled in agent");
  static final MeasureLong TIMEOUTS = measure("timeouts", "calls timed out in agent");
  static final MeasureLong ERRORS = measure("errors", "calls errored in agent");
  static final MeasureLong SERVER_BUSY =
      measure("server_busy", "calls where server was too busy in agent");

  static final List<MeasureLong> MEASURES =
      List.of(CALLS, COMPLETED, CANCELED, TIMEOUTS, ERRORS, SERVER_BUSY);

  private AgentViews() {}

  /**
   * The views of these measures; what goes up and down is a gauge and needs no view.
   *
   * @param tagKeys the tags of each: {@link PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or
   *     none
   */
  public static List<View> create(List<TagKey> tagKeys) {
    return MEASURES.stream()
        .map(measure ->
            View.create(
                View.Name.create(measure.getName()),
                measure.getDescription(),
                measure,
                Aggregation.Sum.create(),
                tagKeys))
        .toList();
  }

  private static MeasureLong measure(String name, String description) {
    return MeasureLong.create(name, description, "1");
  }
}
