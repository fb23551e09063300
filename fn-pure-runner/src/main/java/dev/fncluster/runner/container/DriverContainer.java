package dev.fncluster.runner.container;

import dev.fncluster.runner.freeze.Freezer;
import dev.fncluster.runner.logs.OutputListener;
import java.io.IOException;
import java.util.Optional;

/** One container of a driver. Its methods block, with a bound. Thread-safe. */
public interface DriverContainer {
  /**
   * Has {@code listener} told what its process writes to standard output and error. Called at most
   * once, before {@link #start}. A driver that can't do that does nothing.
   *
   * @throws IOException when the output can't be had; the listener is not called then
   */
  default void follow(OutputListener listener) throws InterruptedException, IOException {}

  /** Starts its process. */
  void start() throws InterruptedException;

  /**
   * What freezes it once it is started; empty when this driver can't do that. Asked for once.
   * Whoever froze the container thaws it before it is removed.
   */
  default Optional<Freezer> freezer() throws InterruptedException {
    return Optional.empty();
  }

  /** What is done around each call; usually nothing. Asked for once, after the start. */
  default Optional<CallHooks> hooks() {
    return Optional.empty();
  }

  /** Ends its process at once and removes all that is left of it. Idempotent. */
  void remove() throws InterruptedException;
}
