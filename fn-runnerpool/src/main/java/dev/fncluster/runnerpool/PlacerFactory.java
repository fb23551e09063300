package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/**
 * Makes a placer; for jars. Named in {@code FN_PLACER}, registered as a service, marked with {@link
 * dev.fncluster.api.extension.Plugin}, with a public constructor without parameters.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface PlacerFactory {
  /**
   * Makes it, once in the life of a node. If it is {@link AutoCloseable} it is closed when the node
   * has stopped.
   *
   * @throws Exception to keep the node from starting
   */
  Placer create(PlacerContext context) throws Exception;
}
