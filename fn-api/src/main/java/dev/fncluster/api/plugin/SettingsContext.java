package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.PluginContext;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.Objects;
import java.util.Optional;

/** What every factory may use: the settings of the node. */
public class SettingsContext implements PluginContext {
  private final Settings settings;

  /** A context over {@code settings}. */
  public SettingsContext(Settings settings) {
    this.settings = Objects.requireNonNull(settings, "settings");
  }

  @Override
  public final Optional<String> setting(String name) {
    return settings.get(Setting.optionalText(name, "of a plugin"));
  }
}
