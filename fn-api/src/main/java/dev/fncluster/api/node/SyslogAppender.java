package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Sends lines to a syslog server, in the form of RFC 5424 with facility {@code user}. While it
 * can't be reached they go to another appender, which is told of the outage once, and of its end.
 *
 * <p>For one thread, which it may block.
 */
final class SyslogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final int FACILITY_USER = 1;
  private static final int MAX_NAME = 48;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final SyslogConnection server;
  private final Encoder<ILoggingEvent> body;
  private final Appender<ILoggingEvent> substitute;
  private final String sender;
  private boolean down;

  /**
   * An appender.
   *
   * @param body of a message; ends of lines in it become {@code #012}, as syslog servers do it
   * @param name of the program; what is not allowed in one is left out
   */
  SyslogAppender(
      SyslogConnection server,
      Encoder<ILoggingEvent> body,
      Appender<ILoggingEvent> substitute,
      String name) {
    this.server = server;
    this.body = body;
    this.substitute = substitute;
    String allowed = name.replaceAll("[^\\x21-\\x7e]", "");
    String shown = allowed.isEmpty() ? "fn" : allowed;
    this.sender =
        hostname()
            + ' '
            + shown.substring(0, Math.min(MAX_NAME, shown.length()))
            + ' '
            + ProcessHandle.current().pid();
  }

  @Override
  protected void append(ILoggingEvent event) {
    try {
      server.send(message(event));
      if (down) {
        down = false;
        substitute.doAppend(notice(Level.INFO, "the syslog server takes lines again"));
      }
    } catch (IOException e) {
      if (!down) {
        down = true;
        substitute.doAppend(
            notice(Level.WARN, "the syslog server takes no lines, they go here: " + e));
      }
      substitute.doAppend(event);
    }
  }

  @Override
  public void stop() {
    super.stop();
    try {
      server.close();
    } catch (IOException e) {
      addWarn("the connection to the syslog server can't be closed", e);
    }
    substitute.stop();
  }

  private byte[] message(ILoggingEvent event) {
    String head =
        "<"
            + (FACILITY_USER * 8 + severity(event.getLevel()))
            + ">1 "
            + TIME.format(event.getInstant())
            + ' '
            + sender
            + " - - ";
    byte[] text = body.encode(event);
    ByteArrayOutputStream out = new ByteArrayOutputStream(head.length() + text.length);
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    int length = text.length;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) {
      length--;
    }
    for (int i = 0; i < length; i++) {
      if (text[i] == '\n') {
        out.writeBytes(new byte[] {'#', '0', '1', '2'});
      } else {
        out.write(text[i]);
      }
    }
    return out.toByteArray();
  }

  private ILoggingEvent notice(Level level, String text) {
    return new LoggingEvent(
        SyslogAppender.class.getName(),
        ((LoggerContext) getContext()).getLogger(SyslogAppender.class),
        level,
        text,
        null,
        null);
  }

  private static int severity(Level level) {
    return switch (level.toInt()) {
      case Level.ERROR_INT -> 3;
      case Level.WARN_INT -> 4;
      case Level.INFO_INT -> 6;
      default -> 7;
    };
  }

  private static String hostname() {
    try {
      String name = InetAddress.getLocalHost().getHostName().replaceAll("[^\\x21-\\x7e]", "");
      return name.isEmpty() ? "-" : name;
    } catch (UnknownHostException e) {
      return "-";
    }
  }
}
