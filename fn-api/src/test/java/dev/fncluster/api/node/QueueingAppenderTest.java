package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import dev.fncluster.api.testing.WaitingThread;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.event.KeyValuePair;

@Timeout(60)
final class QueueingAppenderTest {
  private final LoggerContext context = new LoggerContext();
  private final SlowSink sink = new SlowSink();
  private final QueueingAppender appender = new QueueingAppender(sink, 2);

  @BeforeEach
  void prepare() {
    context.setMDCAdapter(new LogbackMDCAdapter());
  }

  @Test
  void neverWaitsAndCountsWhatItDrops() throws Exception {
    sink.start();
    appender.setContext(context);
    appender.start();
    log("first");
    assertThat(sink.entered.await(30, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 5; i++) {
      log("line " + i);
    }
    assertThat(appender.dropped()).isEqualTo(3);

    sink.gate.countDown();
    assertThat(sink.told.await(30, TimeUnit.SECONDS)).isTrue();
    appender.stop();
    assertThat(sink.lines)
        .containsExactly("first", "line 0", "line 1", "the log was too slow: 3 lines were dropped");
    assertThat(sink.isStarted()).isFalse();
  }

  @Test
  void outputOfFunctionsWaitsAndLeavesRoomForTheNode() throws Exception {
    sink.start();
    appender.setContext(context);
    appender.start();
    log("first");
    assertThat(sink.entered.await(30, TimeUnit.SECONDS)).isTrue();

    Future<Void> function =
        WaitingThread.start(() -> {
          logAs(FunctionOutput.LOGGER, "output 1");
          logAs(FunctionOutput.LOGGER, "output 2");
        });
    assertThat(function.isDone()).isFalse();
    log("node");
    assertThat(appender.dropped()).isZero();

    sink.gate.countDown();
    function.get(30, TimeUnit.SECONDS);
    appender.stop();
    assertThat(sink.lines).containsExactly("first", "output 1", "node", "output 2");
  }

  @Test
  void anErrorOfTheSinkCostsItsLineAlone() {
    sink.gate.countDown();
    sink.start();
    appender.setContext(context);
    appender.start();
    logAs(FunctionOutput.LOGGER, "breaks the sink");
    logAs(FunctionOutput.LOGGER, "output 1");
    logAs(FunctionOutput.LOGGER, "output 2");
    appender.stop();
    assertThat(sink.lines).contains("output 1", "output 2");
    assertThat(appender.dropped()).isEqualTo(1);
  }

  @Test
  void linesHaveTheIdsOfTheCallThatTheirThreadWorksFor() {
    sink.gate.countDown();
    sink.start();
    appender.setContext(context);
    appender.start();
    LoggingEvent plain = new LoggingEvent();
    plain.setLoggerContext(context);
    plain.setLevel(Level.INFO);
    plain.setMessage("of a library");
    plain.setMDCPropertyMap(Map.of("call_id", "c", "fn_id", "f"));
    LoggingEvent own = new LoggingEvent();
    own.setLoggerContext(context);
    own.setLevel(Level.INFO);
    own.setMessage("of ours");
    own.addKeyValuePair(new KeyValuePair("call_id", "own"));
    own.setMDCPropertyMap(Map.of("call_id", "c", "fn_id", "f"));
    appender.doAppend(plain);
    appender.doAppend(own);
    appender.stop();

    assertThat(plain.getKeyValuePairs())
        .extracting(Object::toString)
        .containsExactly("call_id=\"c\"", "fn_id=\"f\"");
    assertThat(own.getKeyValuePairs())
        .extracting(Object::toString)
        .containsExactly("call_id=\"own\"", "fn_id=\"f\"");
  }

  @Test
  void writesWhatIsQueuedWhenItStops() {
    sink.gate.countDown();
    sink.start();
    appender.setContext(context);
    appender.start();
    log("a");
    log("b");
    appender.stop();
    assertThat(sink.lines).containsExactly("a", "b");
  }

  @Test
  void lineThatIsBeingWrittenSurvivesTheStop() throws Exception {
    sink.start();
    appender.setContext(context);
    appender.start();
    log("a");
    assertThat(sink.entered.await(30, TimeUnit.SECONDS)).isTrue();
    log("b");
    log("c");
    log("too much");

    Future<Void> stopping = WaitingThread.start(appender::stop);
    assertThat(stopping.isDone()).isFalse();
    sink.gate.countDown();
    stopping.get(30, TimeUnit.SECONDS);
    assertThat(sink.lines)
        .containsExactly("a", "b", "c", "the log was too slow: 1 lines were dropped");
  }

  private void log(String message) {
    logAs("test", message);
  }

  private void logAs(String logger, String message) {
    appender.doAppend(
        new LoggingEvent("test", context.getLogger(logger), Level.INFO, message, null, null));
  }

  private static final class SlowSink extends AppenderBase<ILoggingEvent> {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch told = new CountDownLatch(1);

    @Override
    protected void append(ILoggingEvent event) {
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      if (event.getFormattedMessage().contains("breaks")) {
        throw new StackOverflowError();
      }
      lines.add(event.getFormattedMessage());
      if (event.getFormattedMessage().contains("dropped")) {
        told.countDown();
      }
    }
  }
}
