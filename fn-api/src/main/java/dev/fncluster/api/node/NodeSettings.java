package dev.fncluster.api.node;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.trace.TraceSettings;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What every node's process can be told.
 *
 * @param shutdownTimeout how long calls in flight may take after a signal to stop
 * @param metricNames how metrics are called
 * @param watchedProcesses the commands of other processes whose use is measured too
 * @param logging how it logs
 * @param tracing where spans of calls go
 */
public record NodeSettings(
    Duration shutdownTimeout,
    MetricNames metricNames,
    List<String> watchedProcesses,
    LoggingSettings logging,
    TraceSettings tracing) {
  /** How long a stop may take. */
  public static final Setting<Duration> SHUTDOWN_TIMEOUT =
      Setting.duration(
          "FN_SHUTDOWN_TIMEOUT",
          Duration.ofSeconds(60),
          "How long calls in flight may take to finish after SIGTERM or SIGINT; a second signal "
              + "stops at once.");

  /** How metrics are called. */
  public static final Setting<String> METRICS_NAMES =
      Setting.oneOf(
          "FN_METRICS_NAMES",
          "prometheus",
          List.of("prometheus", "fn"),
          "How metrics are named: as Prometheus asks for, or exactly as other Fn servers name them,"
              + " with all durations in milliseconds.");

  /** What else is measured. */
  public static final Setting<String> PROCESS_COLLECTOR_LIST =
      Setting.text(
              "FN_PROCESS_COLLECTOR_LIST",
              "dockerd docker-containerd",
              "Commands of other processes, separated by blanks, whose use of the machine is exported"
                  + " too; empty for none.")
          .checked(NodeSettings::commands);

  /** Copies the list. */
  public NodeSettings {
    watchedProcesses = List.copyOf(watchedProcesses);
  }

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all =
        new ArrayList<>(
            List.of(
                SHUTDOWN_TIMEOUT,
                METRICS_NAMES,
                PROCESS_COLLECTOR_LIST,
                LoggingSettings.LEVEL,
                LoggingSettings.FORMAT,
                LoggingSettings.DESTINATION,
                LoggingSettings.PREFIX));
    all.addAll(TraceSettings.all());
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @throws SettingException when one is wrong
   */
  public static NodeSettings from(Settings settings) {
    return new NodeSettings(
        settings.get(SHUTDOWN_TIMEOUT),
        MetricNames.valueOf(settings.get(METRICS_NAMES).toUpperCase(Locale.ROOT)),
        commands(settings.get(PROCESS_COLLECTOR_LIST)),
        LoggingSettings.from(settings),
        TraceSettings.from(settings));
  }

  private static List<String> commands(String text) {
    List<String> commands =
        Arrays.stream(text.split("\\s+", -1)).filter(word -> !word.isEmpty()).distinct().toList();
    Map<String, String> taken = new HashMap<>(Map.of(Metrics.prefixOf(Metrics.OWN), "this node"));
    for (String command : commands) {
      String other = taken.putIfAbsent(Metrics.prefixOf(command), command);
      if (other != null) {
        throw new SettingException(
            "FN_PROCESS_COLLECTOR_LIST has \""
                + command
                + "\", whose metrics would be called "
                + Metrics.prefixOf(command)
                + "… as those of "
                + other);
      }
    }
    return commands;
  }
}
