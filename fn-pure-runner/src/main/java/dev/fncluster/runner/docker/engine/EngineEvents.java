package dev.fncluster.runner.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private static final Duration OPENING = Duration.ofSeconds(10);

  /** Hears of events; called by one thread at a time. */
  public interface Listener {
    /** Something happened, or happened already and is told again. Must not wait for anything. */
    void event(EngineEvent event);

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
  private volatile boolean heard;

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
    long began = System.nanoTime();
    RuntimeException failure = null;
    try (EngineStream stream = engine.stream("/events?since=" + since, this::read)) {
      try {
        stream.awaitOpen(OPENING);
      } catch (EngineUnavailableException e) {
        failure = e;
        throw e;
      } finally {
        engine.meters().called(EngineApi.ADD_EVENT_LISTENER, System.nanoTime() - began, failure);
      }
      listener.opened();
      connected(true, "");
      // What happened before was looked up.
      since = Math.max(since, opened);
      heard = false;
      while (!stream.awaitEnd(silence)) {
        if (!heard) {
          log.debug("The stream of events is silent and is opened anew");
          return;
        }
        heard = false;
      }
      connected(false, stream.why());
    } catch (RuntimeException e) {
      connected(false, String.valueOf(e.getMessage()));
    }
  }

  private void read(JsonNode json) {
    heard = true;
    EngineEvent event = EngineEvent.read(json);
    // A stream begins with the last that was heard on the one before.
    if (event.timeNanos() == 0 || event.timeNanos() > lastNanos) {
      engine.meters().event(event.action(), event.type());
    }
    if (event.timeNanos() > 0) {
      lastNanos = Math.max(lastNanos, event.timeNanos());
      since = event.timeNanos() / 1_000_000_000;
    }
    listener.event(event);
  }

  private void connected(boolean now, String reason) {
    if (now == connected || closing.getCount() == 0) {
      return;
    }
    connected = now;
    if (now) {
      log.info("The Docker engine is there again");
    } else {
      log.atWarn()
          .addKeyValue("reason", reason)
          .log("The stream of the Docker engine's events broke");
    }
    listener.connected(now);
  }
}
