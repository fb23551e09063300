package dev.fncluster.runner.logs;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.List;

/**
 * What becomes of the output of functions.
 *
 * @param maxBytesPerCall how much of what a call writes is kept, ends of lines included
 * @param toNodeLog whether lines go to the log of the node
 * @param streamed whether lines are offered to collectors
 */
public record LogSettings(long maxBytesPerCall, boolean toNodeLog, boolean streamed) {
  static final Setting<Long> FN_MAX_LOG_SIZE_BYTES =
      Setting.number(
              "FN_MAX_LOG_SIZE_BYTES",
              1024 * 1024,
              0,
              "How many bytes of a function's output are kept for one call, or between two calls; the"
                  + " rest is dropped.")
          .emptyIsDefault();
  static final Setting<Boolean> FN_DISABLE_DEBUG_USER_LOGS =
      Setting.bool(
          "FN_DISABLE_DEBUG_USER_LOGS",
          false,
          "Keep the output of functions out of the node's own log.");
  static final Setting<Boolean> FN_ENABLE_LOG_STREAM =
      Setting.bool(
          "FN_ENABLE_LOG_STREAM",
          true,
          "Whether a pure runner offers the output of functions to log collectors (StreamLogs).");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    return List.of(FN_MAX_LOG_SIZE_BYTES, FN_DISABLE_DEBUG_USER_LOGS, FN_ENABLE_LOG_STREAM);
  }

  /** Reads the settings. */
  public static LogSettings from(Settings s) {
    return new LogSettings(
        s.get(FN_MAX_LOG_SIZE_BYTES),
        !s.get(FN_DISABLE_DEBUG_USER_LOGS),
        s.get(FN_ENABLE_LOG_STREAM));
  }
}
