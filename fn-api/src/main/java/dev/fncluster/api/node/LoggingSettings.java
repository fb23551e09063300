package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a process logs.
 *
 * @param level the least level of our own lines
 * @param json whether a line is a JSON object, else text
 * @param file where lines are appended; empty for stderr
 * @param prefix what stands before every line of text
 */
record LoggingSettings(Level level, boolean json, Optional<Path> file, String prefix) {
  static final Setting<String> LEVEL =
      Setting.text(
          "FN_LOG_LEVEL",
          "info",
          "The least level that is logged: trace, debug, info, warn or error; any other word means "
              + "info.");

  static final Setting<String> FORMAT =
      Setting.oneOf(
          "FN_LOG_FORMAT", "text", List.of("text", "json"), "The form of the log's lines.");

  static final Setting<String> DESTINATION =
      Setting.text(
          "FN_LOG_DEST",
          "stderr",
          "Where logs go: stderr, or a file as in file:///var/log/fn.log. Syslog (udp://, tcp://) is"
              + " refused.");

  static final Setting<String> PREFIX =
      Setting.text("FN_LOG_PREFIX", "", "What stands before every line of a log in text form.");

  static LoggingSettings from(Settings settings) {
    return new LoggingSettings(
        level(settings.get(LEVEL)),
        settings.get(FORMAT).equals("json"),
        file(settings.get(DESTINATION).strip()),
        settings.get(PREFIX));
  }

  private static Level level(String word) {
    return switch (word.strip().toLowerCase(Locale.ROOT)) {
      case "trace" -> Level.TRACE;
      case "debug" -> Level.DEBUG;
      case "warn", "warning" -> Level.WARN;
      case "error", "fatal", "panic" -> Level.ERROR;
      default -> Level.INFO;
    };
  }

  private static Optional<Path> file(String destination) {
    if (destination.isEmpty() || destination.equals("stderr")) {
      return Optional.empty();
    }
    String scheme = "file://";
    if (destination.startsWith(scheme) && destination.length() > scheme.length()) {
      return Optional.of(Path.of(destination.substring(scheme.length())));
    }
    throw new SettingException(
        DESTINATION.name()
            + " is \""
            + destination
            + "\"; expected stderr or file:///path (syslog over udp:// and tcp:// is not supported "
            + "yet)");
  }
}
