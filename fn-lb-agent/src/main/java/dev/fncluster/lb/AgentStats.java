package dev.fncluster.lb;

import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.UpDownGauge;
import dev.fncluster.stats.ViewRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;

/** What every agent counts of its calls. Thread-safe, lock-free. */
public final class AgentStats {
  private static final MeasureLong CALLS = measure("calls", "calls created in agent");
  private static final MeasureLong COMPLETED = measure("completed", "calls completed in agent");
  private static final MeasureLong CANCELED = measure("canceled", "calls canceled in agent");
  private static final MeasureLong TIMEOUTS = measure("timeouts", "calls timed out in agent");
  private static final MeasureLong ERRORS = measure("errors", "calls errored in agent");
  private static final MeasureLong SERVER_BUSY =
      measure("server_busy", "calls where server was too busy in agent");

  final UpDownGauge queued;
  final UpDownGauge running;
  final Recorder calls;
  final Recorder completed;
  final Recorder canceled;
  final Recorder timeouts;
  final Recorder errors;
  final Recorder serverBusy;

  /** Records to the views that {@code registry} knows by now. */
  public AgentStats(ViewRegistry registry) {
    queued = registry.upDown("queued", "calls currently queued against agent");
    running = registry.upDown("running", "calls currently running in agent");
    calls = registry.recorder(CALLS);
    completed = registry.recorder(COMPLETED);
    canceled = registry.recorder(CANCELED);
    timeouts = registry.recorder(TIMEOUTS);
    errors = registry.recorder(ERRORS);
    serverBusy = registry.recorder(SERVER_BUSY);
  }

  /** The views of these measures; what goes up and down is a gauge and needs no view. */
  public static List<View> views(List<TagKey> tagKeys) {
    return List.of(CALLS, COMPLETED, CANCELED, TIMEOUTS, ERRORS, SERVER_BUSY).stream()
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
