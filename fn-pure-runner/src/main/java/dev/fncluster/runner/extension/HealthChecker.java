package dev.fncluster.runner.extension;

import java.util.Map;
import org.apiguardian.api.API;

/** What a program that embeds a runner knows of its health. Must be thread-safe. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface HealthChecker {
  /**
   * Looks at whatever matters. Called on a virtual thread, one call at a time, at most once for
   * each run of the status probe; may block. It is interrupted, and has failed, after 60 s.
   *
   * @return what is reported as {@code customStatus}; never null
   * @throws dev.fncluster.api.error.FnException when the runner is not well: its code and text are
   *     reported, and the status image is not run
   * @throws Exception the same, without a code
   */
  Map<String, String> check() throws Exception;
}
