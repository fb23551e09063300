package dev.fncluster.runnerpool;

import dev.fncluster.api.extension.PluginContext;
import org.apiguardian.api.API;

/** What the factory of a placer may use. Thread-safe, for as long as the node lives. */
@API(status = API.Status.STABLE, since = "0.1")
public interface PlacerContext extends PluginContext {
  /**
   * The node's own placer, with its timeouts and retries, trying runners in an order of one's own:
   * all that most need.
   */
  Placer inOrderOf(PlacementPolicy policy);
}
