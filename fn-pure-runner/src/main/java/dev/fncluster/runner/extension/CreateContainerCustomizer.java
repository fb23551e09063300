package dev.fncluster.runner.extension;

import com.github.dockerjava.api.command.CreateContainerCmd;
import dev.fncluster.runner.driver.ContainerSpec;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * Changes what a runner asks the Docker engine for when it makes a container: more environment,
 * mounts, devices, labels.
 *
 * <p>Thread-safe: containers are made at the same time.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface CreateContainerCustomizer {
  /**
   * Changes {@code command}, which has all that the runner would ask for. Its image and name are
   * fixed; the labels by which a runner finds its containers again are set in any case. Whatever
   * else it takes away is gone: without the mount of the socket directory, for one, no function can
   * be reached.
   *
   * <p>Called on a virtual thread, where it may block, but not for longer than the limit for
   * extensions.
   *
   * @param spec what the container is for, with the extensions of the call that needs it
   * @throws dev.fncluster.api.error.FnException for what the caller is to be told; any other
   *     failure is an error of code 500. No container is made then
   */
  void customize(CreateContainerCmd command, ContainerSpec spec) throws Exception;

  /**
   * What of the extensions makes a difference to {@link #customize}. Calls for which this differs
   * never meet in one container. Called on event loops, for every call; must not block.
   *
   * @param extensions of a call
   * @return the same for the same extensions; empty for no difference
   */
  default String slotKeyExtension(Map<String, String> extensions) {
    return "";
  }
}
