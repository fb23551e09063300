package dev.fncluster.runner.driver;

import java.io.IOException;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * One container of a driver. Its methods block, with a bound, as those of {@link ContainerDriver}
 * and within the same limit. Thread-safe.
 *
 * <p>In this order: {@link #follow}, {@link #start}, {@link #freezer} and {@link #hooks}, then
 * {@link #remove}, which may come at any time. The function listens on {@code lsnr.sock} in the
 * directory of {@link ContainerSpec#socketDirectory()} once it is started.
 */
@API(status = API.Status.STABLE, since = "0.1")
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
