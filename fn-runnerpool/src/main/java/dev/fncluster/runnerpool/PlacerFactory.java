package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/**
 * Makes a placer; for jars. Named in {@code FN_PLACER}, registered as a service, marked with {@link
 * dev.fncluster.api.extension.Plugin}, with a public constructor without parameters.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface PlacerFactory {
  /**
   * Makes it, once in the life of a node.
   *
   * @throws Exception to keep the node from starting
   */
  Placer create(PlacerContext context) throws Exception;
}
