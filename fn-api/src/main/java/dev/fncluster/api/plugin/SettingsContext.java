package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.PluginContext;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/** What every factory may use: the settings of the node, and TLS of its own. */
public class SettingsContext implements PluginContext {
  private final Settings settings;
  private final OwnTls tls;

  /** A context over what {@code plugins} have in common. */
  public SettingsContext(NodePlugins plugins) {
    this.settings = plugins.settings();
    this.tls = plugins.tls();
  }

  @Override
  public final Optional<String> setting(String name) {
    return settings.get(Setting.optionalText(name, "of a plugin"));
  }

  @Override
  public final Optional<SslContext> serverTls(String key) {
    return tls.server(key);
  }

  @Override
  public final Optional<SslContext> clientTls(String key) {
    return tls.client(key);
  }
}
