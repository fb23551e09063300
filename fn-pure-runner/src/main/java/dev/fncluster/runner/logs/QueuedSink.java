package dev.fncluster.runner.logs;

import dev.fncluster.stats.Recorder;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps whoever brings lines from waiting for a sink that may block: they wait in a queue, bounded
 * by what they take, and those that find it full are dropped and counted.
 *
 * <p>Thread-safe.
 */
final class QueuedSink implements LogSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueuedSink.class);
  private static final Duration LAST_LINES = Duration.ofSeconds(3);

  private final LogSink sink;
  private final long maxBytes;
  private final Recorder dropped;
  private final BlockingQueue<LogLine> queue = new LinkedBlockingQueue<>();
  private final AtomicLong queued = new AtomicLong();
  // Not a virtual one: a sink that hangs in the operating system must not take a carrier with it.
  private final Thread writer;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * A queue in front of {@code sink}.
   *
   * @param name of the writing thread
   * @param maxBytes how much memory waiting lines may take, about
   */
  QueuedSink(String name, LogSink sink, long maxBytes, Recorder dropped) {
    this.sink = sink;
    this.maxBytes = maxBytes;
    this.dropped = dropped;
    this.writer = Thread.ofPlatform().daemon().name("function-log-" + name).start(this::write);
  }

  @Override
  public void accept(LogLine line) {
    int size = line.footprint();
    if (closed || queued.addAndGet(size) > maxBytes) {
      queued.addAndGet(-size);
      dropped.increment();
      if (!closed && told.compareAndSet(false, true)) {
        log.atWarn()
            .addKeyValue("sink", sink.getClass().getName())
            .log("A sink of functions' output does not keep up; lines are dropped and counted");
      }
      return;
    }
    queue.add(line);
  }

  /** Writes what is queued, for a few seconds at most. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    long deadline = System.nanoTime() + LAST_LINES.toNanos();
    while (queued.get() > 0 && writer.isAlive() && System.nanoTime() - deadline < 0) {
      writer.join(Duration.ofMillis(10));
    }
    writer.interrupt();
    writer.join(Duration.ofMillis(100));
    dropped.record(queue.size());
  }

  private void write() {
    try {
      while (true) {
        LogLine line = queue.take();
        try {
          sink.accept(line);
        } catch (RuntimeException | Error e) {
          // Errors too: a sink of others may be made for another version.
          dropped.increment();
          log.atError()
              .addKeyValue("sink", sink.getClass().getName())
              .setCause(e)
              .log("A sink of functions' output failed");
        }
        queued.addAndGet(-line.footprint());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
