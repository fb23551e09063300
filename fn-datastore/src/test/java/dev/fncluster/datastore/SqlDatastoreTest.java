package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.FnQuery;
import dev.fncluster.api.management.TriggerQuery;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlDatastoreTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Cursor START = Cursor.START;

  @TempDir Path directory;
  private Path file;
  private Datastore store;

  @BeforeEach
  void open() {
    file = directory.resolve("data/fn.db");
    store = Datastores.open(new DatastoreSettings("sqlite3://" + file));
  }

  @AfterEach
  void close() {
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
  void surviveAReopening() {
    store.insertApp(app("a1", "app"));
    store.close();
    store = Datastores.open(new DatastoreSettings("sqlite3://" + file));

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
    try (Datastore other = Datastores.open(new DatastoreSettings("sqlite3://" + file));
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
  void aDatabaseThatSomebodyHoldsIsBusyForWritersOnly() throws SQLException {
    store.insertApp(app("a1", "app"));
    try (Datastore impatient = SqlDatastore.open(new SqliteDialect(file, Duration.ofMillis(50)));
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");

      assertThatThrownBy(() -> impatient.insertApp(app("a2", "other")))
          .matches(InvocationErrors::isServerBusy);
      assertThat(impatient.app("a1").name()).isEqualTo("app");

      statement.execute("ROLLBACK");
      assertThat(impatient.insertApp(app("a2", "other")).id()).isEqualTo("a2");
    }
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
  void opensADatabaseOfTheOriginalServer() throws SQLException {
    Path original = original("original.db", 26, false);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + original);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO apps VALUES ('a1', 'app', '{\"A\":\"\\u003cb\"}\n', '', NULL,"
              + " '2024-05-06T07:08:09.123+02:00', '2024-05-06T05:08:09.123Z', NULL)");
      statement.executeUpdate(
          "INSERT INTO fns VALUES ('f1', 'fn', 'a1', 'img', 128, 30, 30, '', '{\"k\":1.50}\n',"
              + " '2024-05-06T05:08:09.123Z', '2024-05-06T05:08:09.123Z', NULL)");
      statement.executeUpdate(
          "INSERT INTO triggers VALUES ('t1', 'tr', 'a1', 'f1', '2024-05-06T05:08:09.123Z',"
              + " '2024-05-06T05:08:09.123Z', 'http', '/s', '')");
    }

    try (Datastore taken = Datastores.open(new DatastoreSettings("sqlite3://" + original))) {
      App app = taken.app("a1");
      assertThat(app.config()).isEqualTo(Map.of("A", "<b"));
      assertThat(app.syslogUrl()).isNull();
      assertThat(app.shape()).isEmpty();
      assertThat(app.createdAt()).isEqualTo(app.updatedAt());
      assertThat(taken.fn("f1").annotations()).isEqualTo(Map.of("k", "1.50"));
      assertThat(taken.triggerBySource("a1", "http", "/s").id()).isEqualTo("t1");
      taken.updateApp("a1", a -> with(a, "new"));
    }
    assertThat(query(original, "SELECT config FROM apps"))
        .containsExactly("{\"A\":\"\\u003cb\",\"new\":\"1\"}\n");
    assertThat(query(original, "SELECT version || ':' || dirty FROM schema_migrations"))
        .containsExactly("26:0");
    assertThat(query(original, "SELECT name FROM sqlite_master WHERE name LIKE 'fn_cluster_trig%'"))
        .hasSize(3);
  }

  @Test
  void refusesDatabasesItDoesNotKnow() throws SQLException {
    Path old = original("old.db", 24, false);
    Path dirty = original("dirty.db", 26, true);

    assertThatThrownBy(() -> Datastores.open(new DatastoreSettings("sqlite3://" + old)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("schema version 24; expected 26");
    assertThatThrownBy(() -> Datastores.open(new DatastoreSettings("sqlite3://" + dirty)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("half-way");
  }

  @Test
  void saysWhyADatabaseCanNotBeOpened() throws Exception {
    Path text = Files.writeString(directory.resolve("text.db"), "no database ".repeat(1000));

    assertThatThrownBy(() -> Datastores.open(new DatastoreSettings("sqlite3://" + text)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(text.toString());
    assertThatThrownBy(() -> Datastores.open(new DatastoreSettings("bolt:///fn.db")))
        .isInstanceOf(SettingException.class)
        .hasMessage("no data store provider found for storage url bolt:///fn.db");
    assertThatThrownBy(
            () -> Datastores.open(new DatastoreSettings("foo://user:p@ss:w@host/db?password=x")))
        .hasMessage(
            "no data store provider found for storage url foo://user:***@host/db?password=***");
  }

  @Test
  void makesTheDirectoryForOwnerAndGroup() throws Exception {
    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent()));

    assertThat(mode).isIn("rwxr-x---", "rwx------");
  }

  @Test
  void readsItsSettings() {
    assertThat(DatastoreSettings.from(Settings.of(Map.of())).url())
        .startsWith("sqlite3:///")
        .endsWith("/data/fn.db");
    assertThat(DatastoreSettings.from(Settings.of(Map.of("FN_DB_URL", "sqlite3:///x"))).url())
        .isEqualTo("sqlite3:///x");
    assertThatThrownBy(() -> DatastoreSettings.from(Settings.of(Map.of("FN_DB_URL", ""))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("datastore must be configured during startup");
  }

  @Test
  void searchesWithIndexes() throws SQLException {
    for (String sql :
        List.of(
            "SELECT * FROM apps WHERE name > 'a' ORDER BY name, id LIMIT 3",
            "SELECT * FROM fns WHERE app_id = 'a' ORDER BY name, id LIMIT 3",
            "SELECT * FROM triggers WHERE app_id = 'a' AND name > 'x' ORDER BY name, id LIMIT 3",
            "SELECT * FROM triggers WHERE app_id = 'a' AND type = 'http' AND source = '/'",
            "DELETE FROM triggers WHERE fn_id = 'f'",
            "DELETE FROM fns WHERE app_id = 'f'")) {
      assertThat(query(file, "EXPLAIN QUERY PLAN " + sql, 4))
          .as(sql)
          .allMatch(
              step -> step.startsWith("SEARCH ") && step.contains(" INDEX "), "an index search");
    }
  }

  /** A database as the original server makes it. */
  private Path original(String name, int version, boolean dirty) throws SQLException {
    Path database = directory.resolve(name);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String sql : originalSchema(version, dirty)) {
        statement.executeUpdate(sql);
      }
    }
    return database;
  }

  private static List<String> originalSchema(int version, boolean dirty) {
    return List.of(
        "CREATE TABLE apps (id varchar(256) NOT NULL PRIMARY KEY, name varchar(256) NOT NULL UNIQUE,"
            + " config text NOT NULL, annotations text NOT NULL, syslog_url text,"
            + " created_at varchar(256), updated_at varchar(256), shape text)",
        "CREATE TABLE fns (id varchar(256) NOT NULL PRIMARY KEY, name varchar(256) NOT NULL,"
            + " app_id varchar(256) NOT NULL, image varchar(256) NOT NULL, memory int NOT NULL,"
            + " timeout int NOT NULL, idle_timeout int NOT NULL, config text NOT NULL,"
            + " annotations text NOT NULL, created_at varchar(256) NOT NULL,"
            + " updated_at varchar(256) NOT NULL, shape text,"
            + " CONSTRAINT name_app_id_unique UNIQUE (app_id, name))",
        "CREATE TABLE triggers (id varchar(256) NOT NULL PRIMARY KEY, name varchar(256) NOT NULL,"
            + " app_id varchar(256) NOT NULL, fn_id varchar(256) NOT NULL,"
            + " created_at varchar(256) NOT NULL, updated_at varchar(256) NOT NULL,"
            + " type varchar(256) NOT NULL, source varchar(256) NOT NULL,"
            + " annotations text NOT NULL,"
            + " CONSTRAINT name_app_id_fn_id_unique UNIQUE (app_id, fn_id, name))",
        "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY,"
            + " dirty boolean NOT NULL)",
        "INSERT INTO schema_migrations VALUES (" + version + ", " + (dirty ? 1 : 0) + ")");
  }

  private static List<String> query(Path database, String sql) throws SQLException {
    return query(database, sql, 1);
  }

  private static List<String> query(Path database, String sql, int column) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(column));
      }
    }
    return found;
  }

  private static void refused(ThrowingCallable call, int code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }

  private static App app(String id, String name) {
    return new App(id, name, Map.of(), Map.of(), null, "", THEN, THEN);
  }

  private static Fn fn(String id, String appId, String name) {
    return new Fn(
        id, name, appId, "img", 128, 30, 30, Map.of("a", "b"), Map.of("k", "[]"), "", THEN, THEN);
  }

  private static Trigger trigger(String id, String appId, String fnId, String name, String source) {
    return new Trigger(id, name, appId, fnId, THEN, THEN, "http", source, Map.of("k", "\"v\""));
  }

  private static App with(App app, String key) {
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
