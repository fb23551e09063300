package dev.fncluster.runnerpool.grpc;

import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What runners report about the calls they took, in milliseconds. Thread-safe. */
public final class RunnerClientStats {
  private static final MeasureLong SCHEDULING =
      MeasureLong.create(
          "lb_runner_sched_latency", "Runner Scheduler Latency Reported By Call", "ms");
  private static final MeasureLong EXECUTION =
      MeasureLong.create(
          "lb_runner_exec_latency", "Runner Container Execution Latency Reported By Call", "ms");

  private final Recorder scheduling;
  private final Recorder execution;

  /** Records to the views that {@code registry} knows by now. */
  public RunnerClientStats(ViewRegistry registry) {
    scheduling = registry.recorder(SCHEDULING);
    execution = registry.recorder(EXECUTION);
  }

  /** The views of these measures. */
  public static List<View> views(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    return List.of(view(SCHEDULING, tagKeys, latency), view(EXECUTION, tagKeys, latency));
  }

  void finished(long schedulingNanos, long executionNanos) {
    if (schedulingNanos > 0) {
      scheduling.record(TimeUnit.NANOSECONDS.toMillis(schedulingNanos));
    }
    if (executionNanos > 0) {
      execution.record(TimeUnit.NANOSECONDS.toMillis(executionNanos));
    }
  }

  private static View view(
      MeasureLong measure, List<TagKey> tagKeys, Aggregation.Distribution latency) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, latency, tagKeys);
  }
}
