package dev.fncluster.runner.docker.stats;

import dev.fncluster.runner.freeze.Freezer;
import java.io.IOException;

/** A freezer that tells the sampler. */
public final class WatchedFreezer implements Freezer {
  private final Freezer freezer;
  private final StatsSampler.Watched watched;

  /** Tells {@code watched} what {@code freezer} does. */
  public WatchedFreezer(Freezer freezer, StatsSampler.Watched watched) {
    this.freezer = freezer;
    this.watched = watched;
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    // Before it is: no sample of a container is taken on whose way it stands still.
    watched.frozen(true);
    freezer.freeze();
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    freezer.thaw();
    watched.frozen(false);
  }
}
