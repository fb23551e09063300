package dev.fncluster.runner.extension;

import dev.fncluster.api.extension.PluginContext;
import dev.fncluster.runner.driver.ContainerDriver;
import org.apiguardian.api.API;

/** What the factory of a container driver may use. */
@API(status = API.Status.STABLE, since = "0.1")
public interface ContainerDriverContext extends PluginContext {
  /**
   * The node's own driver, which uses the Docker engine; to be wrapped by {@link
   * dev.fncluster.runner.driver.ForwardingDriver}, or to be used as it is, with its requests
   * changed. Blocks. At most once.
   *
   * @param customizers change requests for containers, in this order
   * @throws Exception when there is no engine to work with
   */
  ContainerDriver docker(CreateContainerCustomizer... customizers) throws Exception;
}
