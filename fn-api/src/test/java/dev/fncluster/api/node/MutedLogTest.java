package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class MutedLogTest {
  private final Logger log = (Logger) LoggerFactory.getLogger("muted.or.not");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ExecutorService before = Executors.newSingleThreadExecutor();
  private final ExecutorService within = Executors.newSingleThreadExecutor();
  private final ExecutorService virtual =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());

  @BeforeEach
  void listen() {
    log.setLevel(Level.INFO);
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void end() {
    log.detachAppender(lines);
    log.setLevel(null);
    List.of(before, within, virtual).forEach(ExecutorService::shutdownNow);
  }

  private void say(ExecutorService thread, String line) throws Exception {
    thread.submit(() -> log.info(line)).get(60, TimeUnit.SECONDS);
  }

  @Test
  void mutesItsThreadsAndNoOthersUntilItIsClosed() throws Exception {
    say(before, "1");
    try (MutedLog unused = MutedLog.mute()) {
      log.error("of the thread itself");
      say(within, "of one that it has started");
      within
          .submit(() -> {
            say(virtual, "of one of that one's");
            return true;
          })
          .get(60, TimeUnit.SECONDS);
      say(before, "2");
    }
    log.info("3");
    say(within, "4");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("1", "2", "3", "4");
  }
}
