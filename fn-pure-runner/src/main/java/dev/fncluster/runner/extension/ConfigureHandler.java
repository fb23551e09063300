package dev.fncluster.runner.extension;

import java.util.Map;
import org.apiguardian.api.API;

/** Takes what the controllers of a cluster send with {@code ConfigureRunner}. Thread-safe. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface ConfigureHandler {
  /**
   * Applies {@code config}. Called on a virtual thread, for several requests at once if they come
   * so; may block.
   *
   * @param config unmodifiable; what its keys mean is between the sender and this handler
   * @throws IllegalArgumentException when it can't be applied: its message is sent back with the
   *     status {@code INVALID_ARGUMENT}
   * @throws Exception for any other failure: {@code UNKNOWN}, with its message
   */
  void configure(Map<String, String> config) throws Exception;
}
