package dev.fncluster.placer;

import dev.fncluster.api.model.Call;
import dev.fncluster.stats.PerFunction;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.Recorders;
import dev.fncluster.stats.ViewRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.BucketBoundaries;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What placers count. Thread-safe, lock-free. */
public final class PlacerStats {
  private static final MeasureLong ATTEMPTS =
      measure("lb_placer_attempt_count", "LB Placer Number of Runners Attempted Count");
  private static final MeasureLong POOL_ERROR =
      measure("lb_placer_rp_error_count", "LB Placer RunnerPool RunnerList Error Count");
  private static final MeasureLong POOL_EMPTY =
      measure("lb_placer_rp_empty_count", "LB Placer RunnerPool RunnerList Empty Count");
  private static final MeasureLong CLIENT_CANCELLED =
      measure("lb_placer_client_cancelled_count", "LB Placer Client Cancel Count");
  private static final MeasureLong CLIENT_TIMEOUT =
      measure("lb_placer_client_timeout_count", "LB Placer Client Timeout Count");
  private static final MeasureLong TIMEOUT =
      measure("lb_placer_timeout_count", "LB Placer Timeout Count");
  private static final MeasureLong PLACED_ERROR =
      measure("lb_placer_placed_error_count", "LB Placer Placed Call Count With Errors");
  private static final MeasureLong PLACED_ABORT =
      measure(
          "lb_placer_placed_abort_count", "LB Placer Placed Call Count With Client Timeout/Cancel");
  private static final MeasureLong PLACED_OK =
      measure("lb_placer_placed_ok_count", "LB Placer Placed Call Count Without Errors");
  private static final MeasureLong RETRY_BUSY =
      measure("lb_placer_retry_busy_count", "LB Placer Retry Count - Too Busy");
  private static final MeasureLong RETRY_ERROR =
      measure("lb_placer_retry_error_count", "LB Placer Retry Count - Errors");
  private static final MeasureLong LATENCY =
      MeasureLong.create("lb_placer_latency", "LB Placer Latency", "ms");

  private static final List<MeasureLong> COUNTED =
      List.of(
          POOL_ERROR,
          POOL_EMPTY,
          CLIENT_CANCELLED,
          CLIENT_TIMEOUT,
          TIMEOUT,
          PLACED_ERROR,
          PLACED_ABORT,
          PLACED_OK,
          RETRY_BUSY,
          RETRY_ERROR);
  private static final List<Double> ATTEMPT_BOUNDS =
      List.of(0.0, 2.0, 3.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0);

  private static final List<MeasureLong> MEASURES =
      Stream.concat(COUNTED.stream(), Stream.of(ATTEMPTS, LATENCY)).toList();

  private final PerFunction<Counts> counts;

  /** Where the placement of a call is counted. */
  static final class Counts {
    final Recorder attempts;
    final Recorder poolError;
    final Recorder poolEmpty;
    final Recorder clientCancelled;
    final Recorder clientTimeout;
    final Recorder timeout;
    final Recorder placedError;
    final Recorder placedAbort;
    final Recorder placedOk;
    final Recorder retryBusy;
    final Recorder retryError;
    final Recorder latencyMillis;

    private Counts(Recorders recorders) {
      attempts = recorders.recorder(ATTEMPTS);
      poolError = recorders.recorder(POOL_ERROR);
      poolEmpty = recorders.recorder(POOL_EMPTY);
      clientCancelled = recorders.recorder(CLIENT_CANCELLED);
      clientTimeout = recorders.recorder(CLIENT_TIMEOUT);
      timeout = recorders.recorder(TIMEOUT);
      placedError = recorders.recorder(PLACED_ERROR);
      placedAbort = recorders.recorder(PLACED_ABORT);
      placedOk = recorders.recorder(PLACED_OK);
      retryBusy = recorders.recorder(RETRY_BUSY);
      retryError = recorders.recorder(RETRY_ERROR);
      latencyMillis = recorders.recorder(LATENCY);
    }
  }

  /** Records to the views that {@code registry} knows by now. */
  public PlacerStats(ViewRegistry registry) {
    counts = PerFunction.create(registry, MEASURES, List.of(), Counts::new);
  }

  Counts of(Call call) {
    return counts.of(call.appId(), call.fnId());
  }

  /**
   * The views of these measures.
   *
   * @param tagKeys {@link PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or none
   * @param latency how latencies are spread, in milliseconds
   */
  public static List<View> views(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    List<View> views = new ArrayList<>();
    for (MeasureLong each : COUNTED) {
      views.add(view(each, tagKeys, Aggregation.Count.create()));
    }
    views.add(
        view(
            ATTEMPTS,
            tagKeys,
            Aggregation.Distribution.create(BucketBoundaries.create(ATTEMPT_BOUNDS))));
    views.add(view(LATENCY, tagKeys, latency));
    return List.copyOf(views);
  }

  private static MeasureLong measure(String name, String description) {
    return MeasureLong.create(name, description, "1");
  }

  private static View view(MeasureLong measure, List<TagKey> tagKeys, Aggregation aggregation) {
    return View.create(
        View.Name.create(measure.getName()),
        measure.getDescription(),
        measure,
        aggregation,
        tagKeys);
  }
}
