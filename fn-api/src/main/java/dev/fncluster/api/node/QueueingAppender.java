package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.event.KeyValuePair;

/**
 * Hands lines to another appender on a thread of its own. Whoever logs never waits: a line that
 * finds the queue full is dropped and counted, and the log says how many were.
 *
 * <p>The output of functions may fill half of the queue, so that it never displaces what the node
 * has to say; it waits for room, on a thread of its own ({@link FunctionOutput}).
 *
 * <p>Thread-safe.
 */
final class QueueingAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final Duration LAST_LINES = Duration.ofSeconds(3);

  /** Tells the writer to end; never written. */
  private static final ILoggingEvent END = new LoggingEvent();

  private final Appender<ILoggingEvent> sink;
  private final BlockingQueue<ILoggingEvent> queue;
  private final Semaphore functionOutput;
  private final LongAdder dropped = new LongAdder();
  private final Thread writer = new Thread(this::write, "log-writer");

  QueueingAppender(Appender<ILoggingEvent> sink, int capacity) {
    this.sink = sink;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.functionOutput = new Semaphore(Math.max(1, capacity / 2));
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

  /** Makes what the thread is about a part of the line, for all forms of lines. */
  private static void addContext(ILoggingEvent event) {
    Map<String, String> context = event.getMDCPropertyMap();
    if (context.isEmpty() || !(event instanceof LoggingEvent line)) {
      return;
    }
    List<KeyValuePair> own = line.getKeyValuePairs();
    Set<String> named =
        own == null
            ? Set.of()
            : own.stream().map(pair -> pair.key).collect(Collectors.toUnmodifiableSet());
    new TreeMap<>(context)
        .forEach((key, value) -> {
          if (!named.contains(key)) {
            line.addKeyValuePair(new KeyValuePair(key, value));
          }
        });
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    addContext(event);
    if (isFunctionOutput(event)) {
      appendFunctionOutput(event);
    } else if (!queue.offer(event)) {
      dropped.increment();
    }
  }

  private void appendFunctionOutput(ILoggingEvent event) {
    try {
      functionOutput.acquire();
    } catch (InterruptedException e) {
      // Its writer is being stopped.
      Thread.currentThread().interrupt();
      dropped.increment();
      return;
    }
    if (!queue.offer(event)) {
      functionOutput.release();
      dropped.increment();
    }
  }

  private static boolean isFunctionOutput(ILoggingEvent event) {
    return FunctionOutput.LOGGER.equals(event.getLoggerName());
  }

  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    // A mark in the queue, not an interrupt: that would hit a sink amid a line, which is then lost.
    long deadline = System.nanoTime() + LAST_LINES.toNanos();
    try {
      if (queue.offer(END, LAST_LINES.toNanos(), TimeUnit.NANOSECONDS)) {
        writer.join(Duration.ofNanos(deadline - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (writer.isAlive()) {
      writer.interrupt();
    }
    sink.stop();
  }

  private void write() {
    long told = 0;
    try {
      for (ILoggingEvent line = queue.take(); line != END; line = queue.take()) {
        handOn(line);
        if (isFunctionOutput(line)) {
          functionOutput.release();
        }
        long now = dropped.sum();
        if (now != told && (queue.isEmpty() || queue.peek() == END)) {
          handOn(notice(now - told));
          told = now;
        }
      }
    } catch (InterruptedException e) {
      // The sink took longer than a stop may: the rest is given up.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Appenders keep exceptions to themselves; after an error the next lines shall be written too.
   */
  private void handOn(ILoggingEvent line) {
    try {
      sink.doAppend(line);
    } catch (Throwable error) {
      dropped.increment();
      addError("a line of the log could not be written", error);
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
