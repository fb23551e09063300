package dev.fncluster.runner.container;

import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.resource.ResourceTracker;
import java.io.IOException;

/** A container that nobody uses any more, or that never got as far. */
public interface Remains {
  /** What it was made from. */
  ContainerSpec spec();

  /** What it has reserved; released when it is gone. */
  ResourceTracker.Reservation reservation();

  /** Removes the container, and deletes its directory. Blocks. Can be tried again. */
  void remove() throws InterruptedException, IOException;
}
