package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.model.CallTimings;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.ClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What runners report about the calls they took, in milliseconds, and what gRPC has to say about
 * its calls. Thread-safe.
 */
public final class RunnerClientStats {
  private static final MeasureLong SCHEDULING =
      MeasureLong.create(
          "lb_runner_sched_latency", "Runner Scheduler Latency Reported By Call", "ms");
  private static final MeasureLong EXECUTION =
      MeasureLong.create(
          "lb_runner_exec_latency", "Runner Container Execution Latency Reported By Call", "ms");
  private static final MeasureLong COLD_START =
      MeasureLong.create(
          "lb_runner_cold_start_latency",
          "Phases of the launch of a container that a call has caused, as its runner reports them",
          "ms");
  private static final TagKey PHASE = TagKey.create("phase");

  private final Recorder scheduling;
  private final Recorder execution;
  private final Recorder imagePull;
  private final Recorder prepare;
  private final Recorder create;
  private final Recorder socketWait;
  private final ClientInterceptor interceptor;

  /** Records to the views that {@code registry} knows by now. */
  public RunnerClientStats(ViewRegistry registry) {
    scheduling = registry.recorder(SCHEDULING);
    execution = registry.recorder(EXECUTION);
    imagePull = phase(registry, "image_pull");
    prepare = phase(registry, "prepare");
    create = phase(registry, "create");
    socketWait = phase(registry, "socket_wait");
    interceptor = new MetricCollectingClientInterceptor(registry.meters());
  }

  private static Recorder phase(ViewRegistry registry, String name) {
    return registry.recorder(COLD_START, PHASE.getName(), name);
  }

  /** The views of these measures. */
  public static List<View> views(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    List<TagKey> withPhase = Stream.concat(tagKeys.stream(), Stream.of(PHASE)).toList();
    return List.of(
        view(SCHEDULING, tagKeys, latency),
        view(EXECUTION, tagKeys, latency),
        view(COLD_START, withPhase, latency));
  }

  /** To be put before every channel to a runner. */
  ClientInterceptor interceptor() {
    return interceptor;
  }

  void finished(CallFinished message) {
    CallTimings timings = new CallTimings();
    timings.imagePullWaitNanos(message.getImagePullWaitDuration());
    timings.containerPrepNanos(message.getCtrPrepDuration());
    timings.containerCreateNanos(message.getCtrCreateDuration());
    timings.initNanos(message.getInitStartTime());
    finished(message.getSchedulerDuration(), message.getExecutionDuration(), timings);
  }

  /**
   * A runner has ended a call.
   *
   * @param schedulingNanos from the call's arrival until its function had it; 0 when it never had
   * @param executionNanos how long it had it
   * @param timings of the container that was launched for it
   */
  public void finished(long schedulingNanos, long executionNanos, CallTimings timings) {
    if (schedulingNanos > 0) {
      record(scheduling, schedulingNanos);
    }
    if (executionNanos > 0) {
      record(execution, executionNanos);
    }
    // All are zero for a call that met a container; only the pull may be for one that did not.
    if (timings.containerCreateNanos() > 0) {
      record(imagePull, timings.imagePullWaitNanos());
      record(prepare, timings.containerPrepNanos());
      record(create, timings.containerCreateNanos());
      record(socketWait, timings.initNanos());
    }
  }

  private static void record(Recorder recorder, long nanos) {
    recorder.record(TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos)));
  }

  private static View view(
      MeasureLong measure, List<TagKey> tagKeys, Aggregation.Distribution latency) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, latency, tagKeys);
  }
}
