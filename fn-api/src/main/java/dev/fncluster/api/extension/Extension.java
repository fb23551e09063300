package dev.fncluster.api.extension;

import org.apiguardian.api.API;

/**
 * Something that changes a node in several ways at once, each of which it gives to an {@link
 * ExtensionSite}. For builders of nodes; and for jars, where it is named in {@code FN_EXTENSIONS},
 * registered as a service, marked with {@link Plugin}, and has a public constructor without
 * parameters.
 *
 * <p>One that is {@link AutoCloseable} is closed when the node has stopped.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface Extension {
  /**
   * Says what it does; once in the life of a node, before that starts. What a node has no use for
   * has no effect there, so that one extension may serve all nodes of a cluster.
   *
   * @throws Exception to keep the node from starting
   */
  void setUp(ExtensionSite site) throws Exception;
}
