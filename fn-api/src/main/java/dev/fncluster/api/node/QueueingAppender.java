package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hands lines to another appender on a thread of its own. Whoever logs never waits: a line that
 * finds the queue full is dropped and counted, and the log says how many were.
 *
 * <p>Thread-safe.
 */
final class QueueingAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final Duration LAST_LINES = Duration.ofSeconds(3);

  private final Appender<ILoggingEvent> sink;
  private final BlockingQueue<ILoggingEvent> queue;
  private final LongAdder dropped = new LongAdder();
  private final Thread writer = new Thread(this::write, "log-writer");

  QueueingAppender(Appender<ILoggingEvent> sink, int capacity) {
    this.sink = sink;
    this.queue = new ArrayBlockingQueue<>(capacity);
    writer.setDaemon(true);
  }

  long dropped() {
    return dropped.sum();
  }

  @Override
  public void start() {
    super.start();
    writer.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    if (!queue.offer(event)) {
      dropped.increment();
    }
  }

  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    writer.interrupt();
    try {
      writer.join(LAST_LINES.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sink.stop();
  }

  private void write() {
    long told = 0;
    try {
      while (true) {
        sink.doAppend(queue.take());
        long now = dropped.sum();
        if (now != told && queue.isEmpty()) {
          sink.doAppend(notice(now - told));
          told = now;
        }
      }
    } catch (InterruptedException e) {
      for (@Nullable ILoggingEvent rest = queue.poll(); rest != null; rest = queue.poll()) {
        sink.doAppend(rest);
      }
    }
  }

  private ILoggingEvent notice(long lines) {
    return new LoggingEvent(
        QueueingAppender.class.getName(),
        ((LoggerContext) getContext()).getLogger(QueueingAppender.class),
        Level.WARN,
        "the log was too slow: " + lines + " lines were dropped",
        null,
        null);
  }
}
