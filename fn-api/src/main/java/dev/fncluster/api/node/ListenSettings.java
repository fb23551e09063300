package dev.fncluster.api.node;

import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * How a node listens.
 *
 * @param port of the HTTP listener; 0 for any that is free
 * @param eventLoops how many event loops serve all its connections, at least 1
 * @param http the rest about HTTP
 */
public record ListenSettings(int port, int eventLoops, HttpServerSettings http) {
  /** See {@link #port()}. */
  public static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port, on all interfaces.");

  /** See {@link #eventLoops()}. */
  public static final Setting<Integer> EVENT_LOOPS =
      Setting.integer(
          "FN_EVENT_LOOPS",
          0,
          0,
          1024,
          "How many event loops serve the node's connections; 0 for one for every two processors.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(List.of(PORT, EVENT_LOOPS));
    all.addAll(HttpServerSettings.all());
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static ListenSettings from(Settings settings) {
    int loops = settings.get(EVENT_LOOPS);
    return new ListenSettings(
        settings.get(PORT),
        loops == 0 ? EventLoops.defaultCount() : loops,
        HttpServerSettings.from(settings));
  }
}
