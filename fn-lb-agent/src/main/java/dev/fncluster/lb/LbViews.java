package dev.fncluster.lb;

import dev.fncluster.placer.PlacerStats;
import dev.fncluster.stats.AgentViews;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.PerFunction;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;

/** The views that a load balancer registers. */
public final class LbViews {
  private LbViews() {}

  /**
   * Views of requests, calls, placement and runners.
   *
   * @param tagKeys further tags of those of answers, calls, placement and runners: {@link
   *     PerFunction#APP_ID}, {@link PerFunction#FN_ID}, both or none
   */
  public static List<View> create(List<TagKey> tagKeys, BucketSets buckets) {
    List<View> views = new ArrayList<>(ApiViews.create(tagKeys, buckets.latency()));
    views.addAll(AgentViews.create(tagKeys));
    views.addAll(ofCalls(tagKeys, buckets.lbLatency()));
    return List.copyOf(views);
  }

  /**
   * Only the views of placement and of calls as load balancers see them.
   *
   * @param tagKeys as above
   * @param latency how latencies are spread, in milliseconds
   */
  public static List<View> ofCalls(List<TagKey> tagKeys, Aggregation.Distribution latency) {
    List<View> views = new ArrayList<>(LbStats.views(tagKeys, latency));
    views.addAll(PlacerStats.views(tagKeys, latency));
    return List.copyOf(views);
  }
}
