package dev.fncluster.api.extension;

import io.netty.handler.ssl.SslContext;
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

  /**
   * TLS for connections that the plugin takes itself: what the embedding program brings under a key
   * that the plugin has thought of ({@link dev.fncluster.api.tls.TlsContexts}), or PEM files, as
   * for the listeners of nodes. The settings {@code <key>_CERT_PATH} and {@code <key>_KEY_PATH}
   * name them; with {@code <key>_CA_PATH}, clients have to show a certificate. Blocks.
   *
   * @param key such as {@code DOOR_TLS}; not one that begins with {@code FN_}
   * @return for any number of connections, each of which begins with what holds by then: files are
   *     read again when they change, until the node has stopped. Empty when nothing is set or
   *     brought
   * @throws RuntimeException when the files can't be used, or there are both
   */
  default Optional<SslContext> serverTls(String key) {
    return Optional.empty();
  }

  /**
   * As {@link #serverTls}, for connections that the plugin makes itself. Of files there have to be
   * all three, for both ends show a certificate; that of the other end must be signed by one of
   * {@code <key>_CA_PATH} and, if {@code <key>_ALLOWED_NAMES} is set, have one of these names.
   */
  default Optional<SslContext> clientTls(String key) {
    return Optional.empty();
  }
}
