package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
import java.util.List;
import java.util.Locale;

/**
 * How a process logs.
 *
 * @param level the least level of our own lines
 * @param json whether a line is a JSON object, else text
 * @param prefix what stands before every line of text, or the name of the program in a syslog
 */
record LoggingSettings(Level level, boolean json, LogDestination destination, String prefix) {
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
              "Where logs go: stderr, a file as in file:///var/log/fn.log, or a syslog server as in"
                  + " udp://logs:514 or tcp://logs:514, where a name without scheme is reached over UDP."
                  + " While a syslog server can't be reached, or reads nothing, lines go to stderr.")
          .checked(text -> destination(text));

  static final Setting<String> PREFIX =
      Setting.text(
          "FN_LOG_PREFIX",
          "",
          "What stands before every line of a log in text form; in a syslog, the name of the"
              + " program, otherwise fn.");

  static LoggingSettings from(Settings settings) {
    return new LoggingSettings(
        level(settings.get(LEVEL)),
        settings.get(FORMAT).equals("json"),
        destination(settings.get(DESTINATION)),
        settings.get(PREFIX));
  }

  private static LogDestination destination(String text) {
    return LogDestination.parse(text.strip());
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
}
