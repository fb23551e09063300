package dev.fncluster.lb;

import dev.fncluster.placer.PlacerStats;
import dev.fncluster.stats.AgentViews;
import dev.fncluster.stats.ApiViews;
import dev.fncluster.stats.Distributions;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;

/** The views that a load balancer registers. */
public final class LbViews {
  private LbViews() {}

  /** Views of requests, calls, placement and runners, without further tags. */
  public static List<View> create() {
    List<View> views = new ArrayList<>(ApiViews.create(List.of(), Distributions.LATENCY));
    views.addAll(AgentViews.create(List.of()));
    views.addAll(ofCalls(List.of()));
    return List.copyOf(views);
  }

  /** Only the views of placement and of calls as load balancers see them. */
  public static List<View> ofCalls(List<TagKey> tagKeys) {
    List<View> views = new ArrayList<>(LbStats.views(tagKeys, Distributions.LB_LATENCY));
    views.addAll(PlacerStats.views(tagKeys, Distributions.LB_LATENCY));
    return List.copyOf(views);
  }
}
