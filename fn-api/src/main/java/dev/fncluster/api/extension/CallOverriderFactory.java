package dev.fncluster.api.extension;

import org.apiguardian.api.API;

/**
 * Makes an overrider; for jars. Named in {@code FN_CALL_OVERRIDERS}, registered as a service, with
 * a public constructor without parameters.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface CallOverriderFactory {
  /**
   * Makes it, once in the life of a node. If it is {@link AutoCloseable} it is closed when the node
   * has stopped.
   *
   * @throws Exception to keep the node from starting
   */
  CallOverrider create(PluginContext context) throws Exception;
}
