package dev.fncluster.runner.driver;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apiguardian.api.API;

/**
 * Makes containers.
 *
 * <p>Thread-safe: containers are made at the same time. Its methods block, with a bound, and are
 * called on virtual threads. They throw {@link dev.fncluster.api.error.FnException} for what a
 * caller should be told in its own words, and anything else for what is an internal error to
 * callers, as is null. A step of a plugin that takes longer than {@code
 * FN_CONTAINER_DRIVER_TIMEOUT} (pulls have their own time beside) is interrupted and has failed; a
 * container that it makes after that is removed.
 *
 * <p>For each container: {@link #prepareImage}, {@link #create}, then what {@link DriverContainer}
 * tells. {@link #close} comes last, once, after the last container was removed.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface ContainerDriver extends AutoCloseable {
  /**
   * Makes sure that the image is there and may be used; pulls it if it is missing.
   *
   * @param pullTimeout the longest that a pull may take
   * @return to be closed when the container was made, or will not be
   */
  PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout) throws InterruptedException;

  /**
   * Makes a container of an image that was prepared, without starting it.
   *
   * @param onExit told once when its process ended, on any thread; must not block
   * @throws ImageGoneException when somebody has removed the image meanwhile
   */
  DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
      throws InterruptedException;

  /**
   * What this driver adds to the slot key of a call: calls for which it differs never meet in one
   * container. Unlike the other methods it is called on event loops, for every call, and must not
   * block.
   *
   * @param extensions of the call
   * @return the same for the same extensions; usually empty
   */
  default String slotKeyExtension(Map<String, String> extensions) {
    return "";
  }

  /**
   * What keeps this driver from making containers just now, in a few words for the operator; empty
   * when it knows of nothing. Never blocks.
   */
  default Optional<String> obstacle() {
    return Optional.empty();
  }

  /** Lets go of the engine. Containers that are left are not touched. */
  @Override
  void close();
}
