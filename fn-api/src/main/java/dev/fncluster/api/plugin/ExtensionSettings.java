package dev.fncluster.api.plugin;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.time.Duration;
import java.util.List;

/**
 * What an operator says about extensions.
 *
 * @param limit for how long each of their steps may take
 */
public record ExtensionSettings(Duration limit) {
  /** The limit of a step. */
  public static final Setting<Duration> LIMIT =
      Setting.duration(
          "FN_EXTENSION_TIMEOUT",
          ExtensionRunner.DEFAULT_LIMIT,
          "How long an extension may take over one step of one call or request; one that takes "
              + "longer fails it.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(LIMIT);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong
   */
  public static ExtensionSettings from(Settings settings) {
    Duration limit = settings.get(LIMIT);
    if (limit.isZero()) {
      throw new SettingException(LIMIT.name() + " is 0; extensions need some time");
    }
    return new ExtensionSettings(limit);
  }
}
