package dev.fncluster.runner.docker;

import dev.fncluster.runner.docker.engine.EngineViews;
import dev.fncluster.runner.docker.image.ImageViews;
import dev.fncluster.runner.docker.stats.StatsViews;
import io.opencensus.stats.View;
import java.util.ArrayList;
import java.util.List;

/** All views of the Docker driver. */
public final class DockerViews {
  private DockerViews() {}

  /** For the registry of the node. */
  public static List<View> all() {
    List<View> all = new ArrayList<>(EngineViews.all());
    all.addAll(ImageViews.all());
    all.addAll(StatsViews.all());
    return List.copyOf(all);
  }
}
