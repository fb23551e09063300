package dev.fncluster.runner.logs;

import com.google.protobuf.ByteString;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * The output of all functions of a runner: hands every line to everybody who wants it.
 *
 * <p>Thread-safe. Sinks are added before the first container starts.
 */
public final class FunctionLogs implements AutoCloseable {
  /** What a collector reads where the engine stopped to pass the output of a container on. */
  static final String LOST = "-----the output from here on is lost-----";

  /** What a collector reads where the engine passes the output of a container on again. */
  static final String GAP = "-----some output may be lost here-----";

  private static final int QUEUED_BYTES = 4 * 1024 * 1024;

  private final LogSettings settings;
  private final ViewRegistry registry;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private final List<LogSink> sinks = new CopyOnWriteArrayList<>();
  private final List<QueuedSink> queues = new CopyOnWriteArrayList<>();
  private final Recorder lines;
  private final Recorder droppedForLimit;
  private final ByteString limitNotice;

  private FunctionLogs(
      LogSettings settings, ViewRegistry registry, Clock clock, LongSupplier nanoClock) {
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.lines = registry.recorder(LogViews.LINES);
    this.droppedForLimit = LogViews.dropped(registry, "limit");
    this.limitNotice =
        ByteString.copyFromUtf8(
            "-----max log size "
                + settings.maxBytesPerCall()
                + " bytes exceeded, truncating log-----");
  }

  /**
   * Logs without any sink but that of the node's own log, if the settings want it.
   *
   * @param registry where {@link LogViews#all()} are registered
   */
  public static FunctionLogs create(LogSettings settings, ViewRegistry registry, Clock clock) {
    return create(settings, registry, clock, System::nanoTime);
  }

  /** Logs that nobody wants: nothing is read from containers. */
  public static FunctionLogs none(ViewRegistry registry) {
    return create(new LogSettings(0, false, false), registry, Clock.systemUTC());
  }

  static FunctionLogs create(
      LogSettings settings, ViewRegistry registry, Clock clock, LongSupplier nanoClock) {
    FunctionLogs logs = new FunctionLogs(settings, registry, clock, nanoClock);
    if (settings.toNodeLog()) {
      logs.addQueued("node_log", new NodeLog());
    }
    return logs;
  }

  /** Has {@code sink}, which never blocks, take all lines from now on. */
  public void add(LogSink sink) {
    sinks.add(sink);
  }

  /**
   * Has {@code sink} take all lines from now on, on a thread of its own: it may block. What comes
   * while its queue of 4 MiB is full is dropped and counted.
   *
   * @param reason under which drops are counted
   */
  public void addQueued(String reason, LogSink sink) {
    QueuedSink queue =
        new QueuedSink(reason, sink, QUEUED_BYTES, LogViews.dropped(registry, reason));
    queues.add(queue);
    sinks.add(queue);
  }

  /** Has {@code streamer} take all lines from now on, whether it may block or not. */
  public void add(LogStreamer streamer) {
    if (streamer instanceof BufferedLogStreamer) {
      add((LogSink) streamer);
    } else {
      addQueued("collector", streamer);
    }
  }

  /**
   * Opens the log of a container.
   *
   * @param environment of the function
   * @return empty if nobody wants it, and nothing has to be read from the container
   */
  public Optional<ContainerLog> open(
      String appId, String fnId, String containerId, Map<String, String> environment) {
    return sinks.isEmpty()
        ? Optional.empty()
        : Optional.of(new ContainerLog(this, appId, fnId, containerId, environment));
  }

  /** Writes what is queued, for a few seconds at most, and stops. */
  @Override
  public void close() throws InterruptedException {
    for (QueuedSink each : queues) {
      each.close();
    }
  }

  void accept(LogLine line) {
    lines.increment();
    for (LogSink sink : sinks) {
      sink.accept(line);
    }
  }

  void droppedForLimit(long count) {
    droppedForLimit.record(count);
  }

  ByteString limitNotice() {
    return limitNotice;
  }

  long budget() {
    return settings.maxBytesPerCall();
  }

  long millis() {
    return clock.millis();
  }

  long nanoTime() {
    return nanoClock.getAsLong();
  }
}
