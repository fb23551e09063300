package dev.fncluster.api.node;

import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a node listens.
 *
 * @param port of the HTTP listener; 0 for any that is free
 * @param adminPort of a listener for operators only, not the same as {@code port} unless both are
 *     0; empty when the HTTP listener serves them too
 * @param eventLoops how many event loops serve all its connections, at least 1
 * @param http the rest about HTTP
 */
public record ListenSettings(
    int port, Optional<Integer> adminPort, int eventLoops, HttpServerSettings http) {
  /** See {@link #port()}. */
  public static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port, on all interfaces.");

  /** See {@link #adminPort()}. */
  public static final Setting<Optional<Integer>> ADMIN_PORT =
      Setting.optionalInteger(
          "FN_ADMIN_PORT",
          0,
          65_535,
          "The port of a listener of its own for /version, /metrics and /health/…, which the HTTP"
              + " port then has no more; without it, or the same as FN_PORT, they are there.");

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
    List<Setting<?>> all = new ArrayList<>(List.of(PORT, ADMIN_PORT, EVENT_LOOPS));
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
    int port = settings.get(PORT);
    return new ListenSettings(
        port,
        settings.get(ADMIN_PORT).filter(admin -> admin == 0 || admin != port),
        loops == 0 ? EventLoops.defaultCount() : loops,
        HttpServerSettings.from(settings));
  }
}
