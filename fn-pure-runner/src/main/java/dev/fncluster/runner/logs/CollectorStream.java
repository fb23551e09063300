package dev.fncluster.runner.logs;

import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.stats.Recorder;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One collector. Confined to the event loop of its stream, but for the buffer, which {@link #offer}
 * fills from other threads under a lock of its own.
 */
final class CollectorStream implements StreamObserver<LogRequestMsg> {
  static final Status STOPPING = Status.UNAVAILABLE.withDescription("the runner stops");

  private static final Logger log = LoggerFactory.getLogger(CollectorStream.class);
  // Small enough not to hold the loop for long, and what is to be sent again if it gets lost.
  private static final int MAX_MESSAGE = 256 * 1024;

  private final ServerCallStreamObserver<LogResponseMsg> collector;
  private final EventLoop loop;
  private final int maxBytes;
  private final Recorder dropped;
  private final Consumer<CollectorStream> onEnd;

  private final Object lock = new Object();
  // Guarded by the lock.
  private final Deque<LogLine> buffer = new ArrayDeque<>();
  private long buffered;
  private boolean wanted;
  private boolean sendingSoon;
  private long droppedHere;

  // Confined to the loop.
  private boolean started;
  private boolean mayTakeOne;
  private boolean draining;
  private boolean ended;

  CollectorStream(
      ServerCallStreamObserver<LogResponseMsg> collector,
      EventLoop loop,
      int maxBytes,
      Recorder dropped,
      Consumer<CollectorStream> onEnd) {
    this.collector = collector;
    this.loop = loop;
    this.maxBytes = maxBytes;
    this.dropped = dropped;
    this.onEnd = onEnd;
    collector.setOnCancelHandler(() -> over("it left"));
    // Also when gRPC has ended the stream itself, because of a message that is none.
    collector.setOnCloseHandler(() -> over("its stream was closed"));
  }

  /** Keeps {@code line} for the collector. Any thread. */
  void offer(LogLine line) {
    synchronized (lock) {
      if (!wanted) {
        return;
      }
      if (buffered + line.footprint() > maxBytes) {
        droppedHere++;
        dropped.increment();
        return;
      }
      buffer.addLast(line);
      buffered += line.footprint();
      if (sendingSoon) {
        return;
      }
      sendingSoon = true;
    }
    onLoop(this::send);
  }

  /** Whether lines are kept for it. Any thread. */
  boolean isCollecting() {
    synchronized (lock) {
      return wanted;
    }
  }

  /** Sends what there is and then ends. Any thread. */
  void drain() {
    onLoop(() -> {
      draining = true;
      send();
    });
  }

  /** Ends at once. Any thread. */
  void cutOff() {
    onLoop(() -> refuse(STOPPING));
  }

  /** Ends with {@code why}. */
  void refuse(Status why) {
    if (!ended) {
      over(String.valueOf(why.getDescription()));
      collector.onError(why.asRuntimeException());
    }
  }

  @Override
  public void onNext(LogRequestMsg message) {
    if (ended) {
      return;
    }
    switch (message.getBodyCase()) {
      case START -> start();
      case READY, ACK -> {
        if (!started) {
          refuse(Status.INVALID_ARGUMENT.withDescription("expected start session"));
          return;
        }
        mayTakeOne = true;
        send();
      }
      case BODY_NOT_SET ->
          refuse(
              Status.INVALID_ARGUMENT.withDescription(
                  started ? "expected ack" : "expected start session"));
    }
  }

  private void start() {
    if (started) {
      refuse(Status.INVALID_ARGUMENT.withDescription("expected ack"));
      return;
    }
    started = true;
    synchronized (lock) {
      wanted = true;
    }
    log.info("A log collector has begun to collect");
  }

  @Override
  public void onError(Throwable failure) {
    over("its stream broke");
  }

  @Override
  public void onCompleted() {
    if (!ended) {
      over("it has enough");
      collector.onCompleted();
    }
  }

  private void send() {
    if (ended) {
      return;
    }
    List<LogLine> batch = mayTakeOne ? take() : List.of();
    if (!batch.isEmpty()) {
      mayTakeOne = false;
      collector.onNext(LogMessages.of(batch));
    }
    if (draining && isEmpty()) {
      refuse(STOPPING);
    }
  }

  private List<LogLine> take() {
    List<LogLine> batch = new ArrayList<>();
    synchronized (lock) {
      sendingSoon = false;
      int size = 0;
      while (!buffer.isEmpty() && size < MAX_MESSAGE) {
        LogLine line = buffer.removeFirst();
        buffered -= line.footprint();
        size += line.footprint();
        batch.add(line);
      }
    }
    return batch;
  }

  private boolean isEmpty() {
    synchronized (lock) {
      return buffer.isEmpty();
    }
  }

  private void over(String why) {
    if (ended) {
      return;
    }
    ended = true;
    onEnd.accept(this);
    long lost;
    synchronized (lock) {
      wanted = false;
      // Whatever it did not get is dropped.
      dropped.record(buffer.size());
      lost = droppedHere + buffer.size();
      buffer.clear();
      buffered = 0;
    }
    log.atInfo()
        .addKeyValue("why", why)
        .addKeyValue("dropped_lines", lost)
        .log("A log collector is served no more");
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
      return;
    }
    try {
      loop.execute(action);
    } catch (RejectedExecutionException e) {
      // The node is gone, and with it the stream.
      onEnd.accept(this);
    }
  }
}
