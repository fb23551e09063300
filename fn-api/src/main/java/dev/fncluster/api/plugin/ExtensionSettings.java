package dev.fncluster.api.plugin;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an operator says about extensions.
 *
 * @param folder where the jars of plugins are; empty for none
 * @param overriders names of plugins that change calls, in this order
 * @param extensions names of plugins that are extensions, in this order
 * @param limit for how long each of their steps may take
 * @param startLimit how long each may take to be made and set up
 */
public record ExtensionSettings(
    Optional<Path> folder,
    List<String> overriders,
    List<String> extensions,
    Duration limit,
    Duration startLimit) {
  private static final Duration LEAST = Duration.ofMillis(1);

  /** The folder. */
  public static final Setting<Optional<String>> FOLDER =
      Setting.optionalText(
          "FN_PLUGINS_DIR",
          "A folder with jars of plugins, each with all that it needs beside this program. What is in"
              + " them is used where a setting names it.");

  /** Plugins that change calls. */
  public static final Setting<List<String>> OVERRIDERS =
      Setting.list(
          "FN_CALL_OVERRIDERS",
          ",",
          "Names of plugins that change or refuse calls, in this order: on a load balancer before"
              + " they are placed, on a runner before they get a container.");

  /** Plugins that do several things. */
  public static final Setting<List<String>> EXTENSIONS =
      Setting.list(
          "FN_EXTENSIONS",
          ",",
          "Names of plugins that are extensions, in this order: listeners, middleware, routes and"
              + " what else they bring.");

  /** The limit of a step. */
  public static final Setting<Duration> LIMIT =
      Setting.duration(
              "FN_EXTENSION_TIMEOUT",
              ExtensionRunner.DEFAULT_LIMIT,
              "How long an extension may take over one step of one call or request; one that takes "
                  + "longer fails it.")
          .checked(value -> needsTime("FN_EXTENSION_TIMEOUT", value));

  /** The limit of a start. */
  public static final Setting<Duration> START_LIMIT =
      Setting.duration(
              "FN_EXTENSION_START_TIMEOUT",
              Duration.ofMinutes(2),
              "How long a plugin may take to be made and set up; one that takes longer keeps the node"
                  + " from starting.")
          .checked(value -> needsTime("FN_EXTENSION_START_TIMEOUT", value));

  /** Copies the list. */
  public ExtensionSettings {
    overriders = List.copyOf(overriders);
    extensions = List.copyOf(extensions);
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(FOLDER, OVERRIDERS, EXTENSIONS, LIMIT, START_LIMIT);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong
   */
  public static ExtensionSettings from(Settings settings) {
    return new ExtensionSettings(
        settings.get(FOLDER).map(Path::of),
        settings.get(OVERRIDERS),
        settings.get(EXTENSIONS),
        settings.get(LIMIT),
        settings.get(START_LIMIT));
  }

  private static void needsTime(String name, Duration value) {
    if (value.compareTo(LEAST) < 0) {
      throw new SettingException(name + " is less than 1ms; extensions need some time");
    }
  }
}
