package dev.fncluster.api.extension;

import java.util.Optional;
import org.apiguardian.api.API;

/** What the factory of a plugin may use. Thread-safe, for as long as the node lives. */
@API(status = API.Status.STABLE, since = "0.1")
public interface PluginContext {
  /**
   * A setting of the plugin's own, from wherever the node's own come: the variable itself, a file
   * that {@code <name>_FILE} names, or the node's file of settings.
   *
   * @param name not one that begins with {@code FN_}, which nodes warn about if they don't know it
   * @throws RuntimeException when the file that is named can't be read
   */
  Optional<String> setting(String name);
}
