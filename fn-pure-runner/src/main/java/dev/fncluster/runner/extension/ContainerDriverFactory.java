package dev.fncluster.runner.extension;

import dev.fncluster.runner.driver.ContainerDriver;
import org.apiguardian.api.API;

/**
 * Makes a container driver; for jars. Named in {@code FN_CONTAINER_DRIVER}, registered as a
 * service, marked with {@link dev.fncluster.api.extension.Plugin}, with a public constructor
 * without parameters.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface ContainerDriverFactory {
  /**
   * Makes it, once in the life of a node, which closes it when it stops.
   *
   * @throws Exception to keep the node from starting
   */
  ContainerDriver create(ContainerDriverContext context) throws Exception;
}
