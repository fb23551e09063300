package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.fncluster.api.settings.SettingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets up the log of the process. Callers never wait for it: lines go through a bounded queue, and
 * those that find it full are dropped and counted.
 *
 * <p>Left alone when {@code -Dlogback.configurationFile} names a configuration.
 */
final class Logging implements AutoCloseable {
  private static final int QUEUED_LINES = 8_192;
  private static final String CONFIGURATION = "logback.configurationFile";
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} [%thread] "
          + "%replace(%msg %kvp){'[\\r\\n]+', ' '}%n";

  // The time and the level stand before it, in syslog's own way.
  private static final String SYSLOG_PATTERN = "%logger{0} [%thread] %msg %kvp%n";

  /** Libraries that tell at INFO what only their own developers need. */
  private static final List<String> CHATTY =
      List.of(
          "io.netty",
          "io.grpc",
          "io.micrometer",
          "com.github.dockerjava",
          "org.apache.hc",
          "com.zaxxer.hikari",
          "org.flywaydb",
          "org.jdbi");

  private final LoggerContext context;
  private final QueueingAppender queue;

  private Logging(LoggerContext context, QueueingAppender queue) {
    this.context = context;
    this.queue = queue;
  }

  /**
   * Begins to log.
   *
   * @return empty when a configuration of the operator's own is in place
   * @throws SettingException when the file can't be opened
   */
  static Optional<Logging> configure(LoggingSettings settings) {
    java.util.logging.LogManager.getLogManager().reset();
    SLF4JBridgeHandler.install();
    if (System.getProperty(CONFIGURATION) != null) {
      return Optional.empty();
    }
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Appender<ILoggingEvent> sink = sink(settings, context);
    QueueingAppender queue = new QueueingAppender(sink, QUEUED_LINES);
    queue.setContext(context);
    queue.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(settings.level());
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(queue);
    for (String name : CHATTY) {
      context.getLogger(name).setLevel(chattyLevel(settings.level()));
    }
    StreamErrorFilter filter = new StreamErrorFilter();
    filter.start();
    context.addTurboFilter(filter);
    return Optional.of(new Logging(context, queue));
  }

  /** How many lines were dropped since the start. */
  long dropped() {
    return queue.dropped();
  }

  /** Writes what is queued, for a few seconds at most, and stops. */
  @Override
  public void close() {
    context.stop();
  }

  private static Level chattyLevel(Level level) {
    return level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN;
  }

  private static Appender<ILoggingEvent> sink(LoggingSettings settings, LoggerContext context) {
    return switch (settings.destination()) {
      case LogDestination.Stderr() ->
          started(console(), literal(settings.prefix()) + PATTERN, settings, context);
      case LogDestination.LogFile(Path path) -> {
        OutputStreamAppender<ILoggingEvent> file =
            started(file(path), literal(settings.prefix()) + PATTERN, settings, context);
        if (!file.isStarted()) {
          throw new SettingException(
              LoggingSettings.DESTINATION.name()
                  + " is \"file://"
                  + path
                  + "\", which can't be written; expected stderr or a file that can");
        }
        yield file;
      }
      case LogDestination.Syslog server -> syslog(server, settings, context);
    };
  }

  private static Appender<ILoggingEvent> syslog(
      LogDestination.Syslog server, LoggingSettings settings, LoggerContext context) {
    SyslogAppender sink =
        new SyslogAppender(
            new SyslogConnection(server, System::nanoTime),
            encoder(SYSLOG_PATTERN, settings, context),
            started(console(), literal(settings.prefix()) + PATTERN, settings, context),
            settings.prefix());
    sink.setContext(context);
    sink.start();
    return sink;
  }

  private static OutputStreamAppender<ILoggingEvent> started(
      OutputStreamAppender<ILoggingEvent> appender,
      String pattern,
      LoggingSettings settings,
      LoggerContext context) {
    appender.setContext(context);
    appender.setEncoder(encoder(pattern, settings, context));
    appender.start();
    return appender;
  }

  private static OutputStreamAppender<ILoggingEvent> file(Path path) {
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setFile(path.toString());
    appender.setAppend(true);
    return appender;
  }

  private static OutputStreamAppender<ILoggingEvent> console() {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setTarget("System.err");
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder(
      String pattern, LoggingSettings settings, LoggerContext context) {
    if (settings.json()) {
      JsonLineEncoder encoder = new JsonLineEncoder();
      encoder.setContext(context);
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(pattern);
    encoder.start();
    return encoder;
  }

  private static String literal(String prefix) {
    return prefix.replaceAll("([\\\\%()])", "\\\\$1");
  }
}
