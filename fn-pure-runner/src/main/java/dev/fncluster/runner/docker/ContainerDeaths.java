package dev.fncluster.runner.docker;

import com.github.dockerjava.api.model.Container;
import dev.fncluster.runner.docker.engine.DockerEngine;
import dev.fncluster.runner.docker.engine.EngineApi;
import dev.fncluster.runner.docker.engine.EngineEvent;
import dev.fncluster.runner.driver.ContainerExit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Learns from the engine's events which containers ended, however many there are, and looks up what
 * happened while there were none. Thread-safe.
 */
final class ContainerDeaths {
  private static final Set<String> ENDED = Set.of("exited", "dead", "removing");

  private static final class Watched {
    final Consumer<ContainerExit> listener;
    volatile boolean made;

    Watched(Consumer<ContainerExit> listener) {
      this.listener = listener;
    }
  }

  private final DockerEngine engine;
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();

  ContainerDeaths(DockerEngine engine) {
    this.engine = engine;
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

  /** The engine tells of something. */
  void event(EngineEvent event) {
    if (!event.type().equals("container") || !event.action().equals("die")) {
      return;
    }
    String name = event.attributes().get("name");
    if (name != null) {
      tell(name, new ContainerExit(code(event.attributes().get("exitCode"))));
    }
  }

  /** Asks the engine which containers have ended. Blocks. */
  void lookUp() throws InterruptedException {
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

  private static int code(@Nullable String text) {
    try {
      return text == null ? -1 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
