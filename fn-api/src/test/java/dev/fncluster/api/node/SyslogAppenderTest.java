package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import dev.fncluster.api.node.LogDestination.LogFile;
import dev.fncluster.api.node.LogDestination.Stderr;
import dev.fncluster.api.node.LogDestination.Syslog;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.testing.FreePorts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class SyslogAppenderTest {
  private static final String TIME = "2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  private static final String HEAD = TIME + " \\S+ my-fn \\d+ - - ";

  private final LoggerContext context = new LoggerContext();
  private final List<String> elsewhere = new ArrayList<>();
  private long now;

  @BeforeEach
  void prepare() {
    context.setMDCAdapter(new LogbackMDCAdapter());
  }

  private SyslogAppender appender(Syslog server) {
    return appender(new SyslogConnection(server, () -> now));
  }

  private SyslogAppender appender(SyslogConnection server) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    AppenderBase<ILoggingEvent> substitute =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            elsewhere.add(event.getFormattedMessage());
          }
        };
    substitute.start();
    SyslogAppender appender =
        new SyslogAppender(server, encoder, substitute, "my fn".replace(' ', '-'));
    appender.setContext(context);
    appender.start();
    return appender;
  }

  private ILoggingEvent event(Level level, String text, @Nullable Throwable thrown) {
    return new LoggingEvent("test", context.getLogger("test"), level, text, thrown, null);
  }

  @Test
  void oneDatagramALine() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(60_000);
      SyslogAppender appender = appender(new Syslog(false, "127.0.0.1", server.getLocalPort()));
      appender.doAppend(event(Level.INFO, "hello \u00fc", null));
      appender.doAppend(event(Level.ERROR, "two\nlines", new IllegalStateException("why")));
      appender.doAppend(event(Level.WARN, "x".repeat(100_000), null));
      assertThat(receive(server)).matches("<14>1 " + HEAD + "hello \u00fc");
      assertThat(receive(server))
          .matches(
              "<11>1 " + HEAD + "two#012lines#012java.lang.IllegalStateException: why#012.*[^\\n]");
      assertThat(receive(server)).matches("<12>1 " + HEAD + "x+").hasSize(65_000);
      appender.stop();
      assertThat(elsewhere).isEmpty();
    }
  }

  private static String receive(DatagramSocket server) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
    server.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }

  @Test
  void oneLineALineOverTcp() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      SyslogAppender appender = appender(new Syslog(true, "127.0.0.1", server.getLocalPort()));
      appender.doAppend(event(Level.DEBUG, "one", null));
      appender.doAppend(event(Level.INFO, "two", null));
      try (Socket connection = server.accept()) {
        connection.setSoTimeout(60_000);
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        assertThat(in.readLine()).matches("<15>1 " + HEAD + "one");
        assertThat(in.readLine()).matches("<14>1 " + HEAD + "two");
        appender.stop();
        assertThat(in.readLine()).isNull();
      }
    }
  }

  @Test
  void whileTheServerIsAwayLinesGoElsewhere() throws Exception {
    int port = FreePorts.next();
    SyslogAppender appender = appender(new Syslog(true, "127.0.0.1", port));
    appender.doAppend(event(Level.INFO, "one", null));
    appender.doAppend(event(Level.INFO, "two", null));
    assertThat(elsewhere)
        .hasSize(3)
        .contains("one", "two")
        .first()
        .asString()
        .startsWith("the syslog server takes no lines, they go here: java.net.ConnectException");

    try (ServerSocket server = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      appender.doAppend(event(Level.INFO, "too soon to try again", null));
      now += 2_000_000_000L;
      appender.doAppend(event(Level.INFO, "three", null));
      try (Socket connection = server.accept()) {
        connection.setSoTimeout(60_000);
        assertThat(
                new BufferedReader(
                        new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))
                    .readLine())
            .endsWith("three");
      }
    }
    assertThat(elsewhere)
        .hasSize(5)
        .endsWith("too soon to try again", "the syslog server takes lines again");
    appender.stop();
  }

  @Test
  void serverThatReadsNothingIsAnOutage() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      SyslogAppender appender =
          appender(
              new SyslogConnection(
                  new Syslog(true, "127.0.0.1", server.getLocalPort()),
                  () -> now,
                  Duration.ofMillis(50)));
      // Until what the systems keep of a connection is full.
      while (elsewhere.isEmpty()) {
        appender.doAppend(event(Level.INFO, "x".repeat(1_000_000), null));
      }
      appender.doAppend(event(Level.INFO, "one", null));
      assertThat(elsewhere).hasSize(3).endsWith("one").first().asString().contains("reads nothing");
      appender.stop();
    }
  }

  @Test
  void hostThatNobodyKnowsIsAnOutage() {
    SyslogAppender appender = appender(new Syslog(false, "no-such-host.invalid", 514));
    appender.doAppend(event(Level.INFO, "one", null));
    assertThat(elsewhere).hasSize(2).endsWith("one");
    appender.stop();
  }

  @Test
  void knowsWhereToLog() {
    assertThat(LogDestination.parse("")).isEqualTo(new Stderr());
    assertThat(LogDestination.parse("stderr")).isEqualTo(new Stderr());
    assertThat(LogDestination.parse("file:///var/log/fn.log"))
        .isEqualTo(new LogFile(Path.of("/var/log/fn.log")));
    assertThat(LogDestination.parse("udp://logs:1514")).isEqualTo(new Syslog(false, "logs", 1514));
    assertThat(LogDestination.parse("tcp://logs")).isEqualTo(new Syslog(true, "logs", 514));
    assertThat(LogDestination.parse("logs:5")).isEqualTo(new Syslog(false, "logs", 5));
    assertThat(LogDestination.parse("udp://[::1]:5/")).isEqualTo(new Syslog(false, "[::1]", 5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://logs",
        "udp://",
        "udp://logs:99999",
        "udp://logs:0",
        "udp://logs?x",
        "x:y://z",
        "tcp://logs/path",
        "file://",
        "a b"
      })
  void refusesWhatIsNoDestination(String text) {
    assertThatThrownBy(() -> LogDestination.parse(text))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("FN_LOG_DEST is \"" + text + "\"; expected stderr,");
  }

  @Test
  void doesNotShowWhoLogs() {
    assertThatThrownBy(() -> LogDestination.parse("tcp://me:secret@logs"))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("FN_LOG_DEST is \"tcp://***@logs\"; expected stderr,");
  }
}
