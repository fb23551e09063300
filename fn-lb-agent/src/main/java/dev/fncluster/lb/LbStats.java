package dev.fncluster.lb;

import dev.fncluster.api.model.Call;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.stats.PerFunction;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.Recorders;
import dev.fncluster.stats.ViewRegistry;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.Measure.MeasureLong;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a load balancer measures of its calls, in milliseconds. Thread-safe, lock-free. */
public final class LbStats {
  private static final MeasureLong CALL_LATENCY =
      MeasureLong.create("lb_call_latency", "LB Call Latency", "ms");
  private static final TagKey CALL_STATUS = TagKey.create("call_status");

  private final PerFunction<Map<CallEnd.Kind, Recorder>> callLatency;

  /** Records to the views that {@code registry} knows by now. */
  public LbStats(ViewRegistry registry) {
    callLatency =
        PerFunction.create(registry, List.of(CALL_LATENCY), List.of(CALL_STATUS), LbStats::byEnd);
  }

  private static Map<CallEnd.Kind, Recorder> byEnd(Recorders recorders) {
    Map<CallEnd.Kind, Recorder> byEnd = new EnumMap<>(CallEnd.Kind.class);
    for (CallEnd.Kind kind : CallEnd.Kind.values()) {
      byEnd.put(kind, recorders.recorder(CALL_LATENCY, CALL_STATUS.getName(), kind.tag()));
    }
    return byEnd;
  }

  /**
   * The views of a load balancer: these measures and those of its runner clients.
   *
   * @param tagKeys {@link PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or none
   * @param latency how latencies are spread, in milliseconds
   */
  public static List<View> views(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    List<View> views = new ArrayList<>(RunnerClientStats.views(tagKeys, latency));
    List<TagKey> withStatus = new ArrayList<>(tagKeys);
    withStatus.add(CALL_STATUS);
    views.add(
        View.create(
            View.Name.create(CALL_LATENCY.getName()),
            CALL_LATENCY.getDescription(),
            CALL_LATENCY,
            latency,
            withStatus));
    return List.copyOf(views);
  }

  void ended(Call call, CallEnd.Kind kind, long latencyMillis) {
    Objects.requireNonNull(callLatency.of(call.appId(), call.fnId()).get(kind))
        .record(latencyMillis);
  }
}
