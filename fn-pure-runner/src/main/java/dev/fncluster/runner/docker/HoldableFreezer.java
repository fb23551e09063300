package dev.fncluster.runner.docker;

import dev.fncluster.runner.docker.stats.StatsSampler;
import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A freezer that lets its container run while the engine is away: one that comes back ends the
 * containers of the one before, and a frozen process does not end. Tells the sampler what it does.
 */
final class HoldableFreezer implements Freezer {
  private static final Logger log = LoggerFactory.getLogger(HoldableFreezer.class);

  private final Freezer freezer;
  private final StatsSampler.Watched sampled;
  private volatile boolean held;

  HoldableFreezer(Freezer freezer, StatsSampler.Watched sampled) {
    this.freezer = freezer;
    this.sampled = sampled;
  }

  /** From now on, until {@link #release}, the container is not frozen. Any thread. */
  void hold() {
    held = true;
    try {
      freezer.thaw();
    } catch (IOException e) {
      // Its processes have ended already, which is what this is for.
      log.atDebug().setCause(e).log("A container could not be thawed when the engine left");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** It may be frozen again. */
  void release() {
    held = false;
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    sampled.frozen(true);
    freezer.freeze();
    // Looked at afterwards: whoever sets it thaws afterwards, too.
    if (held) {
      thaw();
    }
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    freezer.thaw();
    sampled.frozen(false);
  }
}
