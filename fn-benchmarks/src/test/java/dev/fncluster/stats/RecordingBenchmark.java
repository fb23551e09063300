package dev.fncluster.stats;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a node records of every call, beside the same with Micrometer alone. */
@State(Scope.Benchmark)
public class RecordingBenchmark {
  private static final MeasureLong LATENCY = MeasureLong.create("piece_latency", "Latency", "ms");
  private static final MeasureLong CALLS = MeasureLong.create("piece_calls", "Calls", "1");
  private static final TagKey STATUS = TagKey.create("call_status");
  private static final List<TagKey> ALL_TAGS =
      List.of(STATUS, TagKey.create(PerFunction.APP_ID), TagKey.create(PerFunction.FN_ID));
  private static final double[] BOUNDS =
      Distributions.LB_LATENCY.getBucketBoundaries().getBoundaries().stream()
          .mapToDouble(Double::doubleValue)
          .toArray();

  private final ViewRegistry views = views();
  private final Recorder histogram = views.recorder(LATENCY, "call_status", "completed");
  private final Recorder counter = views.recorder(CALLS, "call_status", "completed");
  private final UpDownGauge gauge = views.upDown("piece_running", "Calls under way");
  private final PerFunction<Recorder> perFunction =
      PerFunction.create(
          views,
          List.of(CALLS),
          List.of(STATUS),
          recorders -> recorders.recorder(CALLS, "call_status", "completed"));

  private final MeterRegistry meters =
      Metrics.create(MetricNames.PROMETHEUS, "piece").views().meters();
  private final DistributionSummary bareHistogram =
      DistributionSummary.builder("bare_latency")
          .tag("call_status", "completed")
          .serviceLevelObjectives(BOUNDS)
          .register(meters);
  private final Counter bareCounter =
      Counter.builder("bare_calls").tag("call_status", "completed").register(meters);

  // Not a constant to the compiler.
  private String appId = "01M87E0EVQR00040KG1R000002";
  private String fnId = "01M87E0EA1R00040KH44000002";
  private long millis = 3;

  private static ViewRegistry views() {
    ViewRegistry views = Metrics.create(MetricNames.PROMETHEUS, "piece").views();
    views.register(
        List.of(
            view(LATENCY, Distributions.LB_LATENCY, List.of(STATUS)),
            view(CALLS, Aggregation.Count.create(), ALL_TAGS)));
    return views;
  }

  private static View view(MeasureLong measure, Aggregation aggregation, List<TagKey> tags) {
    return View.create(
        View.Name.create(measure.getName()), measure.getDescription(), measure, aggregation, tags);
  }

  /** Into a histogram of 18 buckets, through a view with a tag. */
  @Benchmark
  public void histogram() {
    histogram.record(millis);
  }

  /** Into a counter, through a view with tags. */
  @Benchmark
  public void counter() {
    counter.record(1);
  }

  /** One more and one less. */
  @Benchmark
  public void gaugeUpAndDown() {
    gauge.increment();
    gauge.decrement();
  }

  /** Into a counter of the call's function, which has to be found. */
  @Benchmark
  public void counterOfFunction() {
    perFunction.of(appId, fnId).record(1);
  }

  /** As {@link #histogram}, with Micrometer alone. */
  @Benchmark
  public void micrometerHistogram() {
    bareHistogram.record(millis);
  }

  /** As {@link #counter}, with Micrometer alone. */
  @Benchmark
  public void micrometerCounter() {
    bareCounter.increment();
  }

  /** As {@link #counterOfFunction}, by Micrometer's way to find a counter by its tags. */
  @Benchmark
  public void micrometerCounterOfFunction() {
    meters
        .counter(
            "bare_by_function",
            "call_status",
            "completed",
            PerFunction.APP_ID,
            appId,
            PerFunction.FN_ID,
            fnId)
        .increment();
  }
}
