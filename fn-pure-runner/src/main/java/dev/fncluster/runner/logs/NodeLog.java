package dev.fncluster.runner.logs;

import dev.fncluster.api.node.FunctionOutput;
import dev.fncluster.runner.driver.OutputSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes lines to the log of the node. Waits for it where it is slow. */
final class NodeLog implements LogSink {
  private static final Logger log = LoggerFactory.getLogger(FunctionOutput.LOGGER);

  @Override
  public void accept(LogLine line) {
    LoggingEventBuilder event =
        log.atInfo()
            .addKeyValue("app_id", line.appId())
            .addKeyValue("fn_id", line.fnId())
            .addKeyValue("container_id", line.containerId())
            .addKeyValue("stream", line.source() == OutputSource.STDERR ? "stderr" : "stdout");
    if (!line.callId().isEmpty()) {
      event = event.addKeyValue("call_id", line.callId());
    }
    event.log(printable(line.data().toStringUtf8()));
  }

  /** Without what would play tricks on a terminal that shows the log. */
  static String printable(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && c != '\t') {
        if (out == null) {
          out = new StringBuilder(text);
        }
        out.setCharAt(i, '\uFFFD');
      }
    }
    return out == null ? text : out.toString();
  }
}
