package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.model.App;
import dev.fncluster.api.settings.SettingException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class PostgresDatastoreTest extends DatastoreContract {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private String database = "";

  @Override
  Datastore openStore() throws SQLException {
    if (database.isEmpty()) {
      database = SERVER.newDatabase();
    }
    return open(database);
  }

  @Test
  void anOutageIsBusyAndHealsByItself() throws Exception {
    store.insertApp(app("a1", "app"));

    SERVER.kill();
    try {
      assertThatThrownBy(() -> store.app("a1")).matches(InvocationErrors::isServerBusy);
      assertThatThrownBy(() -> store.insertApp(app("a2", "other")))
          .matches(InvocationErrors::isServerBusy);
    } finally {
      SERVER.start();
    }

    // A connection that was used just before the crash is found broken only when it is used again.
    assertThat(untilNotBusy(() -> store.app("a1"))).isEqualTo(app("a1", "app"));
    assertThat(untilNotBusy(() -> store.insertApp(app("a2", "other"))).id()).isEqualTo("a2");
  }

  @Test
  void aStartWaitsForTheServerWithinLimits() throws Exception {
    SERVER.kill();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Datastore> starting;
      try {
        assertThatThrownBy(() -> open(database, Duration.ZERO))
            .isInstanceOf(SettingException.class)
            .hasMessageContaining("postgres://fn@127.0.0.1:")
            .hasMessageContaining("can't be opened")
            .hasMessageNotContaining("s3cret");
        starting = threads.submit(() -> open(database, Duration.ofSeconds(120)));
      } finally {
        SERVER.start();
      }
      try (Datastore opened = starting.get()) {
        assertThat(opened.insertApp(app("a1", "app")).id()).isEqualTo("a1");
      }
    }
  }

  @Test
  void nodesCanStartOnAnEmptyDatabaseAtOnce() throws Exception {
    String empty = SERVER.newDatabase();
    List<Future<Datastore>> starting = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 6; i++) {
        starting.add(threads.submit(() -> open(empty)));
      }
    }
    for (Future<Datastore> each : starting) {
      each.get().close();
    }
    assertThat(query(empty, "SELECT version || ':' || dirty FROM schema_migrations"))
        .containsExactly("26:false");
  }

  @Test
  void opensADatabaseOfTheOriginalServer() throws Exception {
    String original = original(26, false);
    try (Connection connection = SERVER.connect(original);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO apps VALUES ('a1', 'app', '{\"A\":\"\\u003cb\"}\n', '', NULL,"
              + " '2024-05-06T07:08:09.123+02:00', '2024-05-06T05:08:09.123Z', NULL)");
    }

    try (Datastore taken = open(original)) {
      App app = taken.app("a1");
      assertThat(app.config()).isEqualTo(Map.of("A", "<b"));
      assertThat(app.syslogUrl()).isNull();
      assertThat(app.createdAt()).isEqualTo(app.updatedAt());
      taken.updateApp("a1", a -> with(a, "new"));
    }
    assertThat(query(original, "SELECT config FROM apps"))
        .containsExactly("{\"A\":\"\\u003cb\",\"new\":\"1\"}\n");
    assertThat(query(original, "SELECT version || ':' || dirty FROM schema_migrations"))
        .containsExactly("26:false");
  }

  @Test
  void refusesDatabasesItDoesNotKnow() throws Exception {
    String old = original(24, false);
    String dirty = original(26, true);

    assertThatThrownBy(() -> open(old)).hasMessageContaining("schema version 24; expected 26");
    assertThatThrownBy(() -> open(dirty)).hasMessageContaining("half-way");
  }

  @Test
  void anotherSchemasVersionIsNotOurs() throws Exception {
    String shared = SERVER.newDatabase();
    try (Connection connection = SERVER.connect(shared);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA other");
      statement.execute("CREATE TABLE other.schema_migrations (version bigint, dirty boolean)");
      statement.execute("INSERT INTO other.schema_migrations VALUES (3, true)");
    }

    try (Datastore opened = open(shared)) {
      assertThat(opened.insertApp(app("a1", "app")).id()).isEqualTo("a1");
    }
  }

  @Test
  void whatCanNotBeStoredIsTheCallersError() {
    store.insertApp(app("a1", "app"));

    for (String source : List.of("/" + "x".repeat(256), "/\0")) {
      assertThatThrownBy(() ->
              store.insertApp(new App("a2", source, Map.of(), Map.of(), null, "", THEN, THEN)))
          .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(400));
    }
    assertThatThrownBy(() -> store.app("\0"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(400));
    assertThat(store.app("a1").name()).isEqualTo("app");
  }

  @Test
  void searchesWithIndexes() throws SQLException {
    for (String sql :
        List.of(
            "SELECT * FROM apps WHERE name COLLATE \"C\" > 'a'"
                + " ORDER BY name COLLATE \"C\", id COLLATE \"C\" LIMIT 3",
            "SELECT * FROM fns WHERE app_id = 'a'"
                + " ORDER BY name COLLATE \"C\", id COLLATE \"C\" LIMIT 3",
            "SELECT * FROM triggers WHERE app_id = 'a' AND name COLLATE \"C\" > 'x'"
                + " ORDER BY name COLLATE \"C\", id COLLATE \"C\" LIMIT 3",
            "SELECT * FROM triggers WHERE app_id = 'a' AND type = 'http' AND source = '/'",
            "DELETE FROM triggers WHERE fn_id = 'f'",
            "DELETE FROM fns WHERE app_id = 'f'")) {
      assertThat(String.join("\n", query(database, "SET enable_seqscan = off", "EXPLAIN " + sql)))
          .as(sql)
          .contains("Index")
          .doesNotContain("Seq Scan")
          .doesNotContain("Sort");
    }
  }

  private static App untilNotBusy(Supplier<App> request) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return request.get();
      } catch (ServiceException e) {
        if (!InvocationErrors.isServerBusy(e) || System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  private static Datastore open(String database) {
    return open(database, Duration.ofSeconds(120));
  }

  private static Datastore open(String database, Duration patience) {
    return Datastores.open(new DatastoreSettings(SERVER.url(database), patience));
  }

  private static String original(int version, boolean dirty) throws SQLException {
    String original = SERVER.newDatabase();
    try (Connection connection = SERVER.connect(original);
        Statement statement = connection.createStatement()) {
      for (String sql : OriginalSchema.statements(version, dirty)) {
        statement.executeUpdate(sql);
      }
    }
    return original;
  }

  /** What the last statement finds. */
  private static List<String> query(String database, String... statements) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = SERVER.connect(database);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < statements.length - 1; i++) {
        statement.execute(statements[i]);
      }
      try (ResultSet rows = statement.executeQuery(statements[statements.length - 1])) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
    }
    return found;
  }
}
