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
import java.util.List;
import java.util.Map;
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

  private final DockerEngine engine;
  private final Map<String, Consumer<ContainerExit>> listeners = new ConcurrentHashMap<>();
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean closed;

  ContainerDeaths(DockerEngine engine) {
    this.engine = engine;
    this.thread = Thread.ofVirtual().name("docker-events").start(this::run);
  }

  /** Has {@code listener} told, once, when the container of that name ends. */
  void watch(String name, Consumer<ContainerExit> listener) {
    listeners.put(name, listener);
  }

  /** Whether that container is watched and has not been found to have ended. */
  boolean isWatched(String name) {
    return listeners.containsKey(name);
  }

  /** Nobody wants to know any more. */
  void forget(String name) {
    listeners.remove(name);
  }

  @Override
  public void close() {
    closed = true;
    closing.countDown();
    thread.interrupt();
  }

  private void run() {
    long since = System.currentTimeMillis() / 1000;
    while (!closed) {
      long opened = System.currentTimeMillis() / 1000;
      try (ResultCallback.Adapter<Event> stream =
          engine.streaming().eventsCmd().withSince(Long.toString(since)).exec(new Events())) {
        lookUp();
        stream.awaitCompletion();
      } catch (InterruptedException e) {
        return;
      } catch (IOException | RuntimeException e) {
        if (!closed) {
          log.atWarn().setCause(e).log("The stream of the Docker engine's events broke");
        }
      }
      since = opened;
      try {
        if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void lookUp() throws InterruptedException {
    if (listeners.isEmpty()) {
      return;
    }
    List<Container> ended =
        engine.call(
            EngineApi.LIST_CONTAINERS,
            client ->
                client
                    .listContainersCmd()
                    .withShowAll(true)
                    .withStatusFilter(List.of("exited", "dead"))
                    .exec());
    for (Container each : ended) {
      for (String name : each.getNames()) {
        tell(name.startsWith("/") ? name.substring(1) : name, new ContainerExit(-1));
      }
    }
  }

  private void tell(String name, ContainerExit exit) {
    Consumer<ContainerExit> listener = listeners.remove(name);
    if (listener != null) {
      engine.meters().exited(exit.code());
      listener.accept(exit);
    }
  }

  private final class Events extends ResultCallback.Adapter<Event> {
    @Override
    public void onError(Throwable cause) {
      if (!closed) {
        log.atWarn().setCause(cause).log("The stream of the Docker engine's events broke");
      }
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
