package dev.fncluster.lb;

import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.stats.Recorder;
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

  private final Map<CallEnd.Kind, Recorder> callLatency = new EnumMap<>(CallEnd.Kind.class);

  /** Records to the views that {@code registry} knows by now. */
  public LbStats(ViewRegistry registry) {
    for (CallEnd.Kind kind : CallEnd.Kind.values()) {
      callLatency.put(kind, registry.recorder(CALL_LATENCY, CALL_STATUS.getName(), kind.tag()));
    }
  }

  /** The views of a load balancer: these measures and those of its runner clients. */
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

  void ended(CallEnd.Kind kind, long latencyMillis) {
    Objects.requireNonNull(callLatency.get(kind)).record(latencyMillis);
  }
}
