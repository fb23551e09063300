package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallTimings;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.stats.PerFunction;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.Recorders;
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

  private final PerFunction<Recorded> recorded;
  private final ClientInterceptor interceptor;

  private record Recorded(
      Recorder scheduling,
      Recorder execution,
      Recorder imagePull,
      Recorder prepare,
      Recorder create,
      Recorder socketWait) {
    Recorded(Recorders recorders) {
      this(
          recorders.recorder(SCHEDULING),
          recorders.recorder(EXECUTION),
          phase(recorders, "image_pull"),
          phase(recorders, "prepare"),
          phase(recorders, "create"),
          phase(recorders, "socket_wait"));
    }
  }

  /** Records to the views that {@code registry} knows by now. */
  public RunnerClientStats(ViewRegistry registry) {
    recorded =
        PerFunction.create(
            registry, List.of(SCHEDULING, EXECUTION, COLD_START), List.of(PHASE), Recorded::new);
    interceptor = new MetricCollectingClientInterceptor(registry.meters());
  }

  private static Recorder phase(Recorders recorders, String name) {
    return recorders.recorder(COLD_START, PHASE.getName(), name);
  }

  /**
   * The views of these measures.
   *
   * @param tagKeys {@link PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or none
   * @param latency how latencies are spread, in milliseconds
   */
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

  void finished(Call call, CallFinished message) {
    CallTimings timings = new CallTimings();
    timings.imagePullWaitNanos(message.getImagePullWaitDuration());
    timings.containerPrepNanos(message.getCtrPrepDuration());
    timings.containerCreateNanos(message.getCtrCreateDuration());
    timings.initNanos(message.getInitStartTime());
    finished(call, message.getSchedulerDuration(), message.getExecutionDuration(), timings);
  }

  /**
   * A runner has ended {@code call}.
   *
   * @param schedulingNanos from the call's arrival until its function had it; 0 when it never had
   * @param executionNanos how long it had it
   * @param timings of the container that was launched for it
   */
  public void finished(Call call, long schedulingNanos, long executionNanos, CallTimings timings) {
    Recorded to = recorded.of(call.appId(), call.fnId());
    if (schedulingNanos > 0) {
      record(to.scheduling(), schedulingNanos);
    }
    if (executionNanos > 0) {
      record(to.execution(), executionNanos);
    }
    // All are zero for a call that met a container; only the pull may be for one that did not.
    if (timings.containerCreateNanos() > 0) {
      record(to.imagePull(), timings.imagePullWaitNanos());
      record(to.prepare(), timings.containerPrepNanos());
      record(to.create(), timings.containerCreateNanos());
      record(to.socketWait(), timings.initNanos());
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
