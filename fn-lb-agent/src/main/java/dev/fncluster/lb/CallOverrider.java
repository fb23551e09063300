package dev.fncluster.lb;

import dev.fncluster.api.model.Call;
import java.util.Map;

/**
 * Changes calls before they are placed, or refuses them. This is the place for what a platform adds
 * to every call: other limits, other images, hints for container drivers on the runners.
 *
 * <p>Thread-safe: different calls are overridden at the same time.
 */
@FunctionalInterface
public interface CallOverrider {
  /**
   * Changes {@code call} in place. The slot key is computed again afterwards, so that calls of
   * changed containers don't meet unchanged ones.
   *
   * @param extensions what earlier overriders returned; unmodifiable
   * @return the extensions that travel with the call: those given, changed as one likes
   * @throws dev.fncluster.api.error.FnException to refuse the call with that error; any other
   *     exception is an internal error of code 500
   */
  Map<String, String> override(Call call, Map<String, String> extensions);

  /**
   * Whether {@link #override} may block or take longer than some microseconds. It is then called on
   * a virtual thread; otherwise on the event loop of the call.
   */
  default boolean mayBlock() {
    return true;
  }
}
