package dev.fncluster.runner.container;

import dev.fncluster.runner.freeze.Freezer;
import java.util.Optional;

/** One container of a driver. Its methods block, with a bound. Thread-safe. */
public interface DriverContainer {
  /** Starts its process. */
  void start() throws InterruptedException;

  /**
   * What freezes it once it is started; empty when this driver can't do that. Asked for once.
   * Whoever froze the container thaws it before it is removed.
   */
  default Optional<Freezer> freezer() throws InterruptedException {
    return Optional.empty();
  }

  /** Ends its process at once and removes all that is left of it. Idempotent. */
  void remove() throws InterruptedException;
}
