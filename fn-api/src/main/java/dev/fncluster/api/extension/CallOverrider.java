package dev.fncluster.api.extension;

import dev.fncluster.api.model.Call;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * Changes calls, or refuses them: on a load balancer before they are placed, on a runner before
 * they get a container. This is the place for what a platform adds to every call: other limits,
 * other images, hints for container drivers. On a full node every call is overridden once.
 *
 * <p>Thread-safe: different calls are overridden at the same time. One that takes longer than the
 * limit for extensions, or returns null, fails its call.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface CallOverrider {
  /**
   * Changes {@code call} in place. The slot key is computed again afterwards, so that calls of
   * changed containers don't meet unchanged ones. What functions are told of their memory ({@code
   * FN_MEMORY}) is in {@link Call#config()} already: who changes one changes both.
   *
   * <p>Extensions are not part of the slot key: if they make a difference to containers, the
   * container driver says so with its slot key extension.
   *
   * @param extensions what earlier overriders returned, those of the load balancer first;
   *     unmodifiable
   * @return the extensions that travel with the call: those given, changed as one likes
   * @throws dev.fncluster.api.error.FnException to refuse the call with that error; any other
   *     failure is an error of code 500
   */
  Map<String, String> override(Call call, Map<String, String> extensions) throws Exception;

  /**
   * Whether {@link #override} may block or take longer than some microseconds. It is then called on
   * a virtual thread; otherwise on the event loop of the call, where nothing limits its time.
   */
  default boolean mayBlock() {
    return true;
  }
}
