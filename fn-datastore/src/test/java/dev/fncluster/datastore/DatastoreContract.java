package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.FnQuery;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.management.TriggerQuery;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.Trigger;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store keeps to, whatever engine is below it. Subclasses give an empty database. */
abstract class DatastoreContract {
  static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");
  static final String UNFIT = "A value is too long, or has a character that can't be stored";
  private static final Cursor START = Cursor.START;

  Datastore store;

  /** Opens the database of this test; may be called more than once. */
  abstract Datastore openStore() throws Exception;

  /** The engine, over the database of this test. */
  abstract Dialect dialect();

  /** What the engine says of each look-up among many rows. */
  final Map<String, String> plans(String explain, int column, String... before) throws Exception {
    try (HikariDataSource connections = new HikariDataSource(dialect().writers());
        Handle handle = Jdbi.create(connections).open()) {
      if (AppTable.find(handle, ManyRows.appId(0), "").isEmpty()) {
        ManyRows.insert(handle, 0, 1_000);
      }
      for (String each : before) {
        handle.execute(each);
      }
      return LookUps.plans(handle, dialect().forUpdate(), dialect().byBytes(), explain, column);
    }
  }

  @BeforeEach
  final void open() throws Exception {
    store = openStore();
  }

  @AfterEach
  final void close() {
    store.close();
  }

  @Test
  void keepsEverythingOfAnApp() {
    App app =
        new App(
            "a1",
            "日本",
            Map.of("K", "v\n<&>\"", "E", ""),
            Map.of("n", "1.50", "o", "{\"b\":1,\"a\":[1,2]}"),
            "",
            "GENERIC_ARM",
            THEN,
            THEN.plusMillis(1));
    store.insertApp(app);

    assertThat(store.app("a1")).isEqualTo(app);
    assertThat(store.appIdByName("日本")).isEqualTo("a1");
    assertThat(store.apps(new AppQuery("", START, 10))).containsExactly(app);
  }

  @Test
  void keepsEverythingOfAFnAndATrigger() {
    store.insertApp(new App("a1", "app", Map.of(), Map.of(), null, "GENERIC_X86", THEN, THEN));
    Fn fn = fn("f1", "a1", "fn");
    Trigger trigger = trigger("t1", "a1", "f1", "trigger", "/a b?c=d#e");

    assertThat(store.insertFn(fn).shape()).isEqualTo("GENERIC_X86");
    store.insertTrigger(trigger);

    assertThat(store.fn("f1").config()).isEqualTo(fn.config());
    assertThat(store.fn("f1")).isEqualTo(store.fns(new FnQuery("a1", "fn", START, 9)).getFirst());
    assertThat(store.trigger("t1")).isEqualTo(trigger);
    assertThat(store.triggerBySource("a1", "http", "/a b?c=d#e")).isEqualTo(trigger);
  }

  @Test
  void surviveAReopening() throws Exception {
    store.insertApp(app("a1", "app"));
    store.close();
    store = openStore();

    assertThat(store.app("a1")).isEqualTo(app("a1", "app"));
  }

  @Test
  void whatIsUnknownIsNotFound() {
    refused(() -> store.app("x"), 404, "App not found");
    refused(() -> store.appIdByName("x"), 404, "App not found");
    refused(() -> store.updateApp("x", app -> app), 404, "App not found");
    refused(() -> store.deleteApp("x"), 404, "App not found");
    refused(() -> store.insertFn(fn("f", "x", "fn")), 404, "App not found");
    refused(() -> store.fn("x"), 404, "Fn not found");
    refused(() -> store.updateFn("x", fn -> fn), 404, "Fn not found");
    refused(() -> store.deleteFn("x"), 404, "Fn not found");
    refused(() -> store.trigger("x"), 404, "Trigger not found");
    refused(() -> store.triggerBySource("a", "http", "/"), 404, "Trigger not found");
    refused(() -> store.updateTrigger("x", t -> t), 404, "Trigger not found");
    refused(() -> store.deleteTrigger("x"), 404, "Trigger not found");
    assertThat(store.apps(new AppQuery("", START, 10))).isEmpty();
    assertThat(store.fns(new FnQuery("x", "", START, 10))).isEmpty();
    assertThat(store.triggers(new TriggerQuery("x", "", "", START, 10))).isEmpty();
  }

  @Test
  void namesDifferWithinTheirParent() {
    store.insertApp(app("a1", "app"));
    store.insertApp(app("a2", "other"));
    store.insertFn(fn("f1", "a1", "fn"));

    refused(() -> store.insertApp(app("a3", "app")), 409, "App already exists");
    refused(
        () -> store.insertFn(fn("f2", "a1", "fn")), 409, "Fn with specified name already exists");
    assertThat(store.insertFn(fn("f3", "a2", "fn")).id()).isEqualTo("f3");
  }

  @Test
  void checksWhatATriggerBelongsTo() {
    store.insertApp(app("a1", "app"));
    store.insertApp(app("a2", "other"));
    store.insertFn(fn("f1", "a1", "fn"));
    store.insertFn(fn("f2", "a1", "fn2"));
    store.insertFn(fn("g1", "a2", "fn"));
    store.insertTrigger(trigger("t1", "a1", "f1", "name", "/src"));

    refused(() -> store.insertTrigger(trigger("t", "x", "f1", "n", "/s")), 404, "App not found");
    refused(() -> store.insertTrigger(trigger("t", "a1", "x", "n", "/s")), 404, "Fn not found");
    refused(
        () -> store.insertTrigger(trigger("t", "a1", "g1", "n", "/s")),
        400,
        "Invalid Fn ID - not owned by specified app");
    refused(
        () -> store.insertTrigger(trigger("t", "a1", "f1", "name", "/src")),
        409,
        "Trigger with the same type and source exists on this app");
    refused(
        () -> store.insertTrigger(trigger("t", "a1", "f1", "name", "/new")),
        409,
        "Trigger already exists");
    store.insertTrigger(trigger("t2", "a1", "f2", "name", "/new"));
    store.insertTrigger(trigger("t3", "a2", "g1", "name", "/src"));
  }

  @Test
  void checksAChangedTriggerAsANewOne() {
    store.insertApp(app("a1", "app"));
    store.insertApp(app("a2", "other"));
    store.insertFn(fn("f1", "a1", "fn"));
    store.insertFn(fn("f2", "a1", "fn2"));
    store.insertFn(fn("g1", "a2", "fn"));
    store.insertTrigger(trigger("t1", "a1", "f1", "one", "/1"));
    store.insertTrigger(trigger("t2", "a1", "f1", "two", "/2"));

    refused(
        () -> store.updateTrigger("t2", t -> trigger("t2", "a1", "f1", "one", "/2")),
        409,
        "Trigger already exists");
    refused(
        () -> store.updateTrigger("t2", t -> trigger("t2", "a1", "f1", "two", "/1")),
        409,
        "Trigger with the same type and source exists on this app");
    refused(
        () -> store.updateTrigger("t2", t -> trigger("t2", "a1", "x", "two", "/2")),
        404,
        "Fn not found");
    refused(
        () -> store.updateTrigger("t2", t -> trigger("t2", "a1", "g1", "two", "/2")),
        400,
        "Invalid Fn ID - not owned by specified app");
    assertThat(store.trigger("t2")).isEqualTo(trigger("t2", "a1", "f1", "two", "/2"));

    Trigger moved = trigger("t2", "a1", "f2", "one", "/3");
    assertThat(store.updateTrigger("t2", t -> moved)).isEqualTo(moved);
    assertThat(store.trigger("t2")).isEqualTo(moved);
  }

  @Test
  void removesWhatBelongsToIt() {
    store.insertApp(app("a1", "app"));
    store.insertFn(fn("f1", "a1", "fn"));
    store.insertFn(fn("f2", "a1", "fn2"));
    store.insertTrigger(trigger("t1", "a1", "f1", "one", "/1"));
    store.insertTrigger(trigger("t2", "a1", "f2", "two", "/2"));

    store.deleteFn("f1");
    refused(() -> store.trigger("t1"), 404, "Trigger not found");
    assertThat(store.trigger("t2").name()).isEqualTo("two");

    store.deleteApp("a1");
    refused(() -> store.fn("f2"), 404, "Fn not found");
    refused(() -> store.trigger("t2"), 404, "Trigger not found");
    refused(() -> store.deleteApp("a1"), 404, "App not found");
  }

  @Test
  void listsByBytesOfTheNameAndGoesOnBehindACursor() {
    for (String name : List.of("b", "B", "a", "é", "_")) {
      store.insertApp(app("id-" + name, name));
    }

    assertThat(store.apps(new AppQuery("", START, 2)))
        .extracting(App::name)
        .containsExactly("B", "_");
    assertThat(store.apps(new AppQuery("", new Cursor("_", ""), 10)))
        .extracting(App::name)
        .containsExactly("a", "b", "é");
    assertThat(store.apps(new AppQuery("b", START, 10)))
        .extracting(App::id)
        .containsExactly("id-b");
    assertThat(store.apps(new AppQuery("b", new Cursor("b", ""), 10))).isEmpty();
  }

  @Test
  void aCursorCanPointBetweenTriggersOfOneName() {
    store.insertApp(app("a1", "app"));
    for (int i = 1; i <= 3; i++) {
      store.insertFn(fn("f" + i, "a1", "fn" + i));
      store.insertTrigger(trigger("t" + i, "a1", "f" + i, "same", "/" + i));
    }

    assertThat(store.triggers(new TriggerQuery("a1", "", "", new Cursor("same", "t1"), 10)))
        .extracting(Trigger::id)
        .containsExactly("t2", "t3");
    assertThat(store.triggers(new TriggerQuery("a1", "", "", new Cursor("same", ""), 10)))
        .isEmpty();
    assertThat(store.triggers(new TriggerQuery("a1", "f2", "same", START, 10)))
        .extracting(Trigger::id)
        .containsExactly("t2");
  }

  @Test
  void parallelUpdatesLoseNothing() throws Exception {
    store.insertApp(app("a1", "app"));
    int writers = 16;
    int each = 5;
    List<Future<?>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int w = 0; w < writers; w++) {
        int writer = w;
        running.add(
            threads.submit(() ->
                IntStream.range(0, each)
                    .forEach(i -> store.updateApp("a1", a -> with(a, writer + "-" + i)))));
        running.add(threads.submit(() -> store.app("a1")));
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(store.app("a1").config()).hasSize(writers * each);
  }

  @Test
  void parallelUpdatesOfTwoProcessesLoseNothing() throws Exception {
    store.insertApp(app("a1", "app"));
    try (Datastore other = openStore();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      Map<String, Datastore> processes = Map.of("x", store, "y", other);
      processes.forEach((prefix, each) ->
          running.add(
              threads.submit(() ->
                  IntStream.range(0, 20)
                      .forEach(n -> each.updateApp("a1", a -> with(a, prefix + n))))));
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(store.app("a1").config()).hasSize(40);
  }

  /** Each request adds a key of its own, to the app and to its fn, at one of two nodes. */
  @Test
  void parallelPutsAtTwoNodesLoseNothing() throws Exception {
    store.insertApp(app("a1", "app"));
    store.insertFn(fn("f1", "a1", "fn"));
    int puts = 40;
    try (Datastore other = openStore();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<TestRoutes> nodes = List.of(api(store), api(other));
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < puts; i++) {
        TestRoutes node = nodes.get(i % 2);
        String body =
            "{\"config\":{\"k" + i + "\":\"v\"},\"annotations\":{\"n" + i + "\":" + i + "}}";
        for (String path : List.of("/v2/apps/a1", "/v2/fns/f1")) {
          running.add(
              threads.submit(
                  () -> assertThat(node.call("PUT", path, body).status()).isEqualTo(200)));
        }
      }
      for (Future<?> future : running) {
        future.get();
      }
    }

    assertThat(store.app("a1").config()).hasSize(puts);
    assertThat(store.app("a1").annotations()).hasSize(puts);
    // It has one of each from the start.
    assertThat(store.fn("f1").config()).hasSize(puts + 1);
    assertThat(store.fn("f1").annotations()).hasSize(puts + 1);
  }

  private static TestRoutes api(Datastore store) {
    TestRoutes routes = new TestRoutes();
    new ManagementApi(
            store,
            new IdGenerator(1, () -> 1),
            InstantSource.system(),
            new EndpointAnnotator(Optional.empty()))
        .register(routes);
    return routes;
  }

  @Test
  void neverKeepsWhatItCouldNotReadAgain() {
    store.insertApp(app("a1", "app"));

    // Each of them is written as six characters.
    refused(() -> store.updateApp("a1", a -> with(a, "<".repeat(3_000_000))), 400, UNFIT);
    // Each of them is two bytes: load balancers read no answer of more than 16 MiB.
    refused(() -> store.updateApp("a1", a -> with(a, "\u00e9".repeat(8_000_000))), 400, UNFIT);
    refused(() -> store.updateApp("a1", a -> withSyslogUrl(a, 70_000)), 400, UNFIT);
    assertThat(store.app("a1")).isEqualTo(app("a1", "app"));
  }

  @Test
  void onlyOneOfManyInsertsOfANameOrSourceWins() throws Exception {
    store.insertApp(app("a1", "app"));
    store.insertFn(fn("f1", "a1", "fn"));
    List<Future<?>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        int number = i;
        running.add(
            threads.submit(
                () -> store.insertTrigger(trigger("t" + number, "a1", "f1", "n" + number, "/s"))));
      }
    }

    assertThat(running).filteredOn(f -> f.state() == Future.State.SUCCESS).hasSize(1);
    assertThat(store.triggers(new TriggerQuery("a1", "", "", START, 100))).hasSize(1);
  }

  @Test
  void aFailedMergeChangesNothingAndHoldsNoLock() {
    store.insertApp(app("a1", "app"));

    assertThatThrownBy(() ->
            store.updateApp(
                "a1",
                app -> {
                  throw new IllegalStateException("merge failed");
                }))
        .hasMessage("merge failed");
    assertThat(store.updateApp("a1", app -> with(app, "k")).config()).containsKey("k");
  }

  @Test
  void onlyOneOfManyRemovalsWins() throws Exception {
    store.insertApp(app("a1", "app"));
    store.insertFn(fn("f1", "a1", "fn"));
    List<Future<?>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        running.add(threads.submit(() -> store.deleteFn("f1")));
      }
    }

    assertThat(running).filteredOn(f -> f.state() == Future.State.SUCCESS).hasSize(1);
  }

  static void refused(ThrowingCallable call, int code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }

  static App app(String id, String name) {
    return new App(id, name, Map.of(), Map.of(), null, "", THEN, THEN);
  }

  static Fn fn(String id, String appId, String name) {
    return new Fn(
        id, name, appId, "img", 128, 30, 30, Map.of("a", "b"), Map.of("k", "[]"), "", THEN, THEN);
  }

  static Trigger trigger(String id, String appId, String fnId, String name, String source) {
    return new Trigger(id, name, appId, fnId, THEN, THEN, "http", source, Map.of("k", "\"v\""));
  }

  private static App withSyslogUrl(App app, int length) {
    return new App(
        app.id(),
        app.name(),
        app.config(),
        app.annotations(),
        "udp://" + "x".repeat(length),
        app.shape(),
        app.createdAt(),
        app.updatedAt());
  }

  static App with(App app, String key) {
    Map<String, String> config = new HashMap<>(app.config());
    config.put(key, "1");
    return new App(
        app.id(),
        app.name(),
        config,
        app.annotations(),
        app.syslogUrl(),
        app.shape(),
        app.createdAt(),
        app.updatedAt());
  }
}
