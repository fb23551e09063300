package dev.fncluster.runner.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import dev.fncluster.runner.container.ContainerExit;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from one stream of the engine's events which containers ended, however many there are.
 * When the stream breaks it is opened again, and what happened meanwhile is looked up.
 *
 * <p>Thread-safe.
 */
final class ContainerDeaths implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ContainerDeaths.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Set<String> ENDED = Set.of("exited", "dead", "removing");

  /** Told, on a thread that may block, whether the engine is there. */
  interface ConnectionListener {
    /** The stream of events is open, or has broken; only changes are told. */
    void connected(boolean value);
  }

  private static final class Watched {
    final Consumer<ContainerExit> listener;
    volatile boolean made;

    Watched(Consumer<ContainerExit> listener) {
      this.listener = listener;
    }
  }

  private final DockerEngine engine;
  private final ConnectionListener connection;
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean connected = true;
  private volatile boolean closed;

  ContainerDeaths(DockerEngine engine, ConnectionListener connection) {
    this.engine = engine;
    this.connection = connection;
    this.thread = Thread.ofVirtual().name("docker-events").start(this::run);
  }

  /** Has {@code listener} told, once, when the container of that name ends. */
  void watch(String name, Consumer<ContainerExit> listener) {
    watched.put(name, new Watched(listener));
  }

  /** The container of that name is there: if the engine does not know it any more, it has ended. */
  void made(String name) {
    Watched found = watched.get(name);
    if (found != null) {
      found.made = true;
    }
  }

  /** Whether that container is watched and has not been found to have ended. */
  boolean isWatched(String name) {
    return watched.containsKey(name);
  }

  /** Nobody wants to know any more. */
  void forget(String name) {
    Watched found = watched.remove(name);
    if (found != null && found.made) {
      engine.meters().exitedOnRequest();
    }
  }

  @Override
  public void close() {
    closed = true;
    closing.countDown();
    thread.interrupt();
  }

  private void run() {
    long since = System.currentTimeMillis() / 1000;
    try {
      while (!closed) {
        long opened = System.currentTimeMillis() / 1000;
        since = follow(since, opened);
        if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      log.debug("The stream of events is closed");
    }
  }

  /** Follows one stream to its end; returns since when the next one must report. */
  private long follow(long since, long opened) throws InterruptedException {
    if (!isThere()) {
      return since;
    }
    try (Events stream =
        engine.streaming().eventsCmd().withSince(Long.toString(since)).exec(new Events())) {
      lookUp();
      connected(true, null);
      stream.awaitCompletion();
      connected(false, stream.failure);
      return opened;
    } catch (IOException | RuntimeException e) {
      connected(false, e);
      // Nothing may have been heard in this turn.
      return since;
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
    if (now == connected || closed) {
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
    connection.connected(now);
  }

  private void lookUp() throws InterruptedException {
    Set<String> expected = new HashSet<>();
    watched.forEach((name, each) -> {
      if (each.made) {
        expected.add(name);
      }
    });
    if (expected.isEmpty()) {
      return;
    }
    List<Container> all =
        engine.call(
            EngineApi.LIST_CONTAINERS,
            client -> client.listContainersCmd().withShowAll(true).exec());
    for (Container each : all) {
      if (!ENDED.contains(String.valueOf(each.getState()))) {
        for (String name : each.getNames()) {
          expected.remove(name.startsWith("/") ? name.substring(1) : name);
        }
      }
    }
    expected.forEach(name -> tell(name, new ContainerExit(-1)));
  }

  private void tell(String name, ContainerExit exit) {
    Watched found = watched.remove(name);
    if (found != null) {
      engine.meters().exited(exit.code());
      found.listener.accept(exit);
    }
  }

  private final class Events extends ResultCallback.Adapter<Event> {
    private volatile @Nullable Throwable failure;

    @Override
    public void onError(Throwable cause) {
      failure = cause;
      onComplete();
    }

    @Override
    public void onNext(Event event) {
      EventType type = event.getType();
      engine.meters().event(event.getAction(), type == null ? null : type.getValue());
      if (type != EventType.CONTAINER || !"die".equals(event.getAction())) {
        return;
      }
      var actor = event.getActor();
      Map<String, String> attributes = actor == null ? null : actor.getAttributes();
      String name = attributes == null ? null : attributes.get("name");
      if (attributes != null && name != null) {
        tell(name, new ContainerExit(code(attributes.get("exitCode"))));
      }
    }

    private static int code(@Nullable String text) {
      try {
        return text == null ? -1 : Integer.parseInt(text);
      } catch (NumberFormatException e) {
        return -1;
      }
    }
  }
}
