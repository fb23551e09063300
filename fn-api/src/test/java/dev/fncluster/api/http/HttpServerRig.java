package dev.fncluster.api.http;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A server on one event loop with the routes of a test, and what its observer is told. */
final class HttpServerRig implements AfterEachCallback {
  private final EventLoops loops = EventLoops.create(1, "test");
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final Consumer<Routes> routes;
  private @Nullable HttpServer server;

  HttpServerRig(Consumer<Routes> routes) {
    this.routes = routes;
  }

  /** Starts the server with some settings. */
  HttpServer start(Map<String, String> settings) throws IOException {
    HttpServer started =
        HttpServer.builder(loops, HttpServerSettings.from(Settings.of(settings)))
            .observer(new Recording())
            .routes(routes)
            .build();
    started.start();
    server = started;
    return started;
  }

  /** Connects to the server; starts it, unless it was started before. */
  RawClient connect() throws IOException {
    return connect(Map.of());
  }

  RawClient connect(Map<String, String> settings) throws IOException {
    HttpServer running = server;
    if (running == null) {
      running = start(settings);
    }
    return RawClient.connect(running.port());
  }

  EventLoops loops() {
    return loops;
  }

  /** What the observer was told, line by line. */
  List<String> observed() {
    return observed;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    HttpServer running = server;
    try {
      if (running != null) {
        running.close(Duration.ofSeconds(1));
      }
    } finally {
      loops.close();
    }
  }

  private final class Recording implements RequestObserver {
    @Override
    public void connectionRefused() {
      observed.add("refused");
    }

    @Override
    public void started(String method, String route) {
      observed.add("+ " + method + " " + route);
    }

    @Override
    public void finished(RequestEnd end) {
      observed.add(
          "- "
              + end.method()
              + " "
              + end.route()
              + " "
              + end.status()
              + " "
              + end.blame()
              + " "
              + end.fdkVersion());
    }
  }
}
