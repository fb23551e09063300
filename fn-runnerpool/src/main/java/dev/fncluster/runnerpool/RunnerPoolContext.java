package dev.fncluster.runnerpool;

import dev.fncluster.api.extension.PluginContext;
import org.apiguardian.api.API;

/** What the factory of a pool may use. Thread-safe, for as long as the load balancer lives. */
@API(status = API.Status.STABLE, since = "0.1")
public interface RunnerPoolContext extends PluginContext {
  /**
   * The runner behind an address, by the protocol between nodes and with the load balancer's TLS.
   * Does not connect: an address that can't be reached is no error. Whoever makes it closes it.
   *
   * @param address {@code host:port}
   * @throws dev.fncluster.api.settings.SettingException when it is something else
   */
  Runner runner(String address);
}
