package dev.fncluster.runner.logs;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Streams all lines to each collector, with a buffer for each.
 *
 * <pre>
 *   collector            runner
 *      │─ Start ──────────▶│  from here on lines are kept for it
 *      │─ Ready or Ack ───▶│  it may be sent one message
 *      │◀── LogResponseMsg─│  as soon as there are lines
 *      │─ Ack ────────────▶│  and the next one
 * </pre>
 *
 * <p>A collector that takes its time holds nobody: what finds its buffer full is dropped and
 * counted. Thread-safe.
 */
public final class BufferedLogStreamer implements LogStreamer {
  private static final int MAX_COLLECTORS = 16;
  private static final int BUFFER_BYTES = 4 * 1024 * 1024;
  private static final Duration LAST_LINES = Duration.ofSeconds(2);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final Set<CollectorStream> collectors = ConcurrentHashMap.newKeySet();
  private final Recorder dropped;
  private final int bufferBytes;
  private volatile boolean closed;

  /**
   * A streamer without collectors, with a buffer of 4 MiB for each.
   *
   * @param registry where {@link LogViews#all()} are registered
   */
  public BufferedLogStreamer(ViewRegistry registry) {
    this(registry, BUFFER_BYTES);
  }

  /**
   * As the other one.
   *
   * @param bufferBytes how much memory the lines that wait for one collector may take, about
   */
  public BufferedLogStreamer(ViewRegistry registry, int bufferBytes) {
    this.dropped = LogViews.dropped(registry, "collector");
    this.bufferBytes = bufferBytes;
  }

  /** Never blocks. */
  @Override
  public void accept(LogLine line) {
    for (CollectorStream each : collectors) {
      each.offer(line);
    }
  }

  @Override
  public StreamObserver<LogRequestMsg> open(ServerCallStreamObserver<LogResponseMsg> collector) {
    EventLoop loop = EventLoops.current();
    if (loop == null) {
      throw new IllegalStateException("StreamLogs must be served on an event loop of the node");
    }
    CollectorStream stream =
        new CollectorStream(collector, loop, bufferBytes, dropped, collectors::remove);
    if (closed) {
      stream.refuse(CollectorStream.STOPPING);
    } else if (collectors.size() >= MAX_COLLECTORS) {
      stream.refuse(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "this runner serves " + MAX_COLLECTORS + " log collectors already"));
    } else {
      collectors.add(stream);
    }
    return stream;
  }

  /** Collectors that are connected now. */
  public int collectors() {
    return collectors.size();
  }

  /** Collectors for which lines are kept: those that have sent their Start. */
  public long collecting() {
    return collectors.stream().filter(CollectorStream::isCollecting).count();
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    collectors.forEach(CollectorStream::drain);
    CountDownLatch never = new CountDownLatch(1);
    long deadline = System.nanoTime() + LAST_LINES.toNanos();
    while (!collectors.isEmpty() && System.nanoTime() - deadline < 0) {
      if (never.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    collectors.forEach(CollectorStream::cutOff);
  }
}
