package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.fncluster.api.loop.EventLoops;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LoopWatchTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<ILoggingEvent> all = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent line) {
      all.add(line);
    }
  }

  @Test
  void aLoopThatIsBlockedIsToldOfOnceUntilItRunsAgain() {
    Logger logger = (Logger) LoggerFactory.getLogger(LoopWatch.class);
    Lines lines = new Lines();
    lines.start();
    logger.addAppender(lines);
    CountDownLatch end = new CountDownLatch(1);
    try (EventLoops loops = EventLoops.create(1, "test-loop");
        LoopWatch watch = LoopWatch.start(loops, Duration.ofMillis(400))) {
      assertThat(watch).isNotNull();
      loops.loops().getFirst().execute(() -> block(end));
      await().atMost(BOUND).until(() -> !lines.all.isEmpty());
      ILoggingEvent told = lines.all.getFirst();
      assertThat(told.getFormattedMessage())
          .isEqualTo("An event loop is blocked, and all of its calls wait");
      assertThat(told.getKeyValuePairs().toString()).contains("test-loop");
      assertThat(told.getThrowableProxy().getStackTraceElementProxyArray())
          .anySatisfy(frame -> assertThat(frame.toString()).contains("LoopWatchTest.block"));
      end.countDown();
      await().atMost(BOUND).until(() -> lines.all.size() == 2);
      assertThat(lines.all.getLast().getFormattedMessage()).isEqualTo("An event loop runs again");
    } finally {
      logger.detachAppender(lines);
    }
  }

  private static void block(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theFirstClassThatIsNobodyElsesIsBlamed() {
    StackTraceElement[] stack = {
      new StackTraceElement("java.lang.Object", "wait", "Object.java", 1),
      new StackTraceElement("one.jar", null, null, "org.example.Slow", "handle", "Slow.java", 7),
      new StackTraceElement("dev.fncluster.api.plugin.Middleware", "handle", "Middleware.java", 9),
    };
    assertThat(LoopWatch.blamed(stack)).isEqualTo("org.example.Slow of one.jar");
    assertThat(LoopWatch.blamed(new StackTraceElement[] {stack[0], stack[2]})).isEqualTo("unknown");
  }
}
