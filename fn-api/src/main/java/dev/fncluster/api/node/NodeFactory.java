package dev.fncluster.api.node;

import org.apiguardian.api.API;

/** Puts a node together, without starting it. */
@FunctionalInterface
@API(status = API.Status.MAINTAINED, since = "0.1")
public interface NodeFactory {
  /**
   * The node of these settings.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   * @throws NodeStartException when what it needs is missing
   * @throws Exception any other failure
   */
  Node create(NodeContext context) throws Exception;
}
