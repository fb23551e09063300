package dev.fncluster.runner.docker;

import dev.fncluster.runner.docker.engine.EngineViews;
import dev.fncluster.runner.docker.image.ImageViews;
import dev.fncluster.runner.docker.stats.StatsViews;
import dev.fncluster.stats.BucketSets;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.ArrayList;
import java.util.List;

/** All views of the Docker driver. */
public final class DockerViews {
  private DockerViews() {}

  /** For the registry of the node, with the usual buckets. */
  public static List<View> all() {
    return create(List.of(), BucketSets.DEFAULT);
  }

  /**
   * For the registry of the node.
   *
   * @param sampleTags what samples of containers tell apart, as for {@link StatsViews#create}
   */
  public static List<View> create(List<TagKey> sampleTags, BucketSets buckets) {
    List<View> all = new ArrayList<>(EngineViews.create(buckets.latency()));
    all.addAll(ImageViews.all());
    all.addAll(StatsViews.create(sampleTags, buckets));
    return List.copyOf(all);
  }
}
