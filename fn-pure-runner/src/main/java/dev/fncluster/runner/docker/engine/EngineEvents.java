package dev.fncluster.runner.docker.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what an engine tells of containers and images, on one stream. When that breaks it is
 * opened again, and so it is when nothing was heard for a while: a connection may die without a
 * word. Thread-safe; works on a virtual thread of its own.
 */
public final class EngineEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineEvents.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** Hears of events; called by one thread at a time. */
  public interface Listener {
    /** Something happened, or happened already and is told again. Must not wait for anything. */
    void event(Event event);

    /** A stream is open. What happened since the one before ended may have been missed. */
    void opened() throws InterruptedException;

    /** Whether the engine is there; only changes are told, and it is at first. */
    void connected(boolean value);
  }

  private final DockerEngine engine;
  private final Listener listener;
  private final Duration silence;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private boolean connected = true;
  // In seconds, by the engine's clock as soon as that is known.
  private volatile long since = System.currentTimeMillis() / 1000;
  private volatile long lastNanos;

  private EngineEvents(DockerEngine engine, Listener listener, Duration silence) {
    this.engine = engine;
    this.listener = listener;
    this.silence = silence;
    this.thread = Thread.ofVirtual().name("docker-events").unstarted(this::run);
  }

  /** Begins to follow the events of {@code engine}. */
  public static EngineEvents follow(DockerEngine engine, Listener listener) {
    return follow(engine, listener, SILENCE);
  }

  /** As {@link #follow(DockerEngine, Listener)}, with how long a stream may stay silent. */
  static EngineEvents follow(DockerEngine engine, Listener listener, Duration silence) {
    EngineEvents events = new EngineEvents(engine, listener, silence);
    events.thread.start();
    return events;
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
  }

  private void run() {
    try {
      do {
        follow();
      } while (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      log.debug("The stream of events is closed");
    }
  }

  /** Follows one stream to its end. */
  private void follow() throws InterruptedException {
    long opened = System.currentTimeMillis() / 1000;
    if (!isThere()) {
      return;
    }
    try (Stream stream =
        engine.streaming().eventsCmd().withSince(Long.toString(since)).exec(new Stream())) {
      listener.opened();
      connected(true, null);
      // What happened before was looked up.
      since = Math.max(since, opened);
      while (!stream.awaitCompletion(silence.toMillis(), TimeUnit.MILLISECONDS)) {
        if (!stream.wasHeard()) {
          log.debug("The stream of events is silent and is opened anew");
          return;
        }
      }
      connected(false, stream.failure);
    } catch (IOException | RuntimeException e) {
      connected(false, e);
    }
  }

  // Streams are opened in the background: whether there is an engine shows later, or never.
  private boolean isThere() throws InterruptedException {
    try {
      return engine.call(
          EngineApi.INFO,
          client -> {
            client.pingCmd().exec();
            return true;
          });
    } catch (RuntimeException e) {
      connected(false, e);
      return false;
    }
  }

  private void connected(boolean now, @Nullable Throwable cause) {
    if (now == connected || closing.getCount() == 0) {
      return;
    }
    connected = now;
    if (now) {
      log.info("The Docker engine is there again");
    } else {
      log.atWarn()
          .addKeyValue("reason", cause == null ? "its end" : cause.getMessage())
          .log("The stream of the Docker engine's events broke");
    }
    listener.connected(now);
  }

  private final class Stream extends ResultCallback.Adapter<Event> {
    private volatile @Nullable Throwable failure;
    private volatile boolean heard;

    /** Whether anything was heard since this was asked the last time. */
    boolean wasHeard() {
      boolean value = heard;
      heard = false;
      return value;
    }

    @Override
    public void onError(Throwable cause) {
      failure = cause;
      onComplete();
    }

    @Override
    public void onNext(Event event) {
      heard = true;
      Long nanos = event.getTimeNano();
      // A stream begins with the last that was heard on the one before.
      if (nanos == null || nanos > lastNanos) {
        EventType type = event.getType();
        engine.meters().event(event.getAction(), type == null ? null : type.getValue());
      }
      if (nanos != null) {
        lastNanos = Math.max(lastNanos, nanos);
        since = nanos / 1_000_000_000;
      }
      listener.event(event);
    }
  }
}
