package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fncluster.api.access.AccessSettings;
import dev.fncluster.api.access.CachedDataAccess;
import dev.fncluster.api.access.DatastoreReadAccess;
import dev.fncluster.api.access.HybridClient;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ways to read: straight from the store, and from an API node over HTTP. */
class ReadAccessTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final App APP =
      new App("a1", "日本", Map.of("k", "<"), Map.of("n", "1e2"), "tcp://h:1", "", THEN, THEN);
  private static final Fn FN =
      new Fn("f1", "fn", "a1", "i", 64, 1, 2, Map.of(), Map.of("x", "[]"), "", THEN, THEN);
  private static final Trigger TRIGGER =
      new Trigger("t1", "t", "a1", "f1", THEN, THEN, "http", "/a b/é?c#d%2F//", Map.of());

  @TempDir Path directory;
  private Datastore store;
  private HttpServer server;
  private HybridClient remote;

  @BeforeEach
  void open() throws IOException {
    store =
        Datastores.open(
            new DatastoreSettings("sqlite3://" + directory.resolve("fn.db"), Duration.ZERO));
    TestRoutes routes = new TestRoutes();
    new ManagementApi(
            store,
            new IdGenerator(1, () -> 1),
            InstantSource.system(),
            new EndpointAnnotator(Optional.empty()))
        .register(routes);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> serve(routes, exchange));
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    remote = new HybridClient(AccessSettings.from(Settings.of(Map.of("FN_RUNNER_API_URL", url))));
    store.insertApp(APP);
    store.insertFn(FN);
    store.insertTrigger(TRIGGER);
  }

  @AfterEach
  void close() {
    remote.close();
    server.stop(0);
    store.close();
  }

  private static void serve(TestRoutes routes, HttpExchange exchange) throws IOException {
    int status;
    byte[] body;
    try {
      HttpResponse answer =
          routes.call(exchange.getRequestMethod(), exchange.getRequestURI().toString(), "");
      status = answer.status();
      body = answer.body();
    } catch (FnException e) {
      status = e.code();
      body = ("{\"message\":\"" + e.publicMessage() + "\"}\n").getBytes(StandardCharsets.UTF_8);
    } catch (Exception e) {
      status = 500;
      body = new byte[] {'?'};
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void bothWaysReadTheSame() {
    for (ReadDataAccess each : List.of(new DatastoreReadAccess(store), remote)) {
      assertThat(each.appIdByName("日本")).isEqualTo("a1");
      assertThat(each.app("a1")).isEqualTo(APP);
      assertThat(each.triggerBySource("a1", "http", TRIGGER.source())).isEqualTo(TRIGGER);
      assertThat(each.fn("f1").image()).isEqualTo("i");
    }
    assertThat(new DatastoreReadAccess(store).fn("f1")).isEqualTo(FN);
  }

  @Test
  void bothWaysRefuseTheSame() {
    for (ReadDataAccess each : List.of(new DatastoreReadAccess(store), remote)) {
      notFound(() -> each.appIdByName("x"), "App not found");
      notFound(() -> each.app("x"), "App not found");
      notFound(() -> each.fn("x"), "Fn not found");
      notFound(() -> each.triggerBySource("a1", "http", "/"), "Trigger not found");
    }
  }

  @Test
  void aClosedStoreIsUnavailable() {
    store.close();

    assertThatThrownBy(() -> new DatastoreReadAccess(store).fn("f1"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(503));
  }

  @Test
  void aCacheServesWhatTheNodeSaid() throws Exception {
    try (CachedDataAccess cache = CachedDataAccess.create(remote)) {
      assertThat(cache.app("a1").get(10, TimeUnit.SECONDS)).isEqualTo(APP);
      server.stop(0);
      assertThat(cache.app("a1")).isCompletedWithValue(APP);
    }
  }

  private static void notFound(Runnable read, String message) {
    assertThatThrownBy(read::run)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(404))
        .hasMessage(message);
  }
}
