package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.model.App;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.datastore.server.DatabaseServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
import org.junit.jupiter.api.Test;

/** What every store on a server keeps to beyond the contract, with crashes of the server. */
abstract class ServerDatastoreContract extends DatastoreContract {
  private static final String VERSION = "SELECT version FROM schema_migrations WHERE NOT dirty";

  String database = "";

  /** The server of the engine. */
  abstract DatabaseServer server();

  @Override
  Datastore openStore() throws SQLException {
    if (database.isEmpty()) {
      database = server().newDatabase();
    }
    return open(database);
  }

  @Test
  void anOutageIsSaidAndHealsByItself() throws Exception {
    store.insertApp(app("a1", "app"));

    server().kill();
    try {
      assertThatThrownBy(() -> store.app("a1")).matches(InvocationErrors::isStoreUnavailable);
      assertThatThrownBy(() -> store.insertApp(app("a2", "other")))
          .matches(InvocationErrors::isStoreUnavailable);
    } finally {
      server().start();
    }

    // A connection that was used just before the crash is found broken only when it is used again.
    assertThat(untilAvailable(() -> store.app("a1"))).isEqualTo(app("a1", "app"));
    assertThat(untilAvailable(() -> store.insertApp(app("a2", "other"))).id()).isEqualTo("a2");
  }

  @Test
  void aStartWaitsForTheServerWithinLimits() throws Exception {
    server().kill();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Datastore> starting;
      try {
        assertThatThrownBy(() -> open(database, Duration.ZERO))
            .isInstanceOf(SettingException.class)
            .hasMessageContaining("://fn@")
            .hasMessageContaining("can't be opened")
            .hasMessageNotContaining("s3cret");
        starting = threads.submit(() -> open(database, Duration.ofSeconds(120)));
      } finally {
        server().start();
      }
      try (Datastore opened = starting.get()) {
        assertThat(opened.insertApp(app("a1", "app")).id()).isEqualTo("a1");
      }
    }
  }

  @Test
  void nodesCanStartOnAnEmptyDatabaseAtOnce() throws Exception {
    String empty = server().newDatabase();
    List<Future<Datastore>> starting = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 6; i++) {
        starting.add(threads.submit(() -> open(empty)));
      }
    }
    for (Future<Datastore> each : starting) {
      each.get().close();
    }
    assertThat(query(empty, VERSION)).containsExactly("26");
  }

  @Test
  void opensADatabaseOfTheOriginalServer() throws Exception {
    String original = original(26, false);
    try (Connection connection = server().connect(original);
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO apps VALUES ('a1', 'app', ?, '', NULL,"
                    + " '2024-05-06T07:08:09.123+02:00', '2024-05-06T05:08:09.123Z', NULL)")) {
      statement.setString(1, "{\"A\":\"\\u003cb\"}\n");
      statement.executeUpdate();
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
    assertThat(query(original, VERSION)).containsExactly("26");
  }

  @Test
  void refusesDatabasesItDoesNotKnow() throws Exception {
    String old = original(24, false);
    String dirty = original(26, true);

    assertThatThrownBy(() -> open(old)).hasMessageContaining("schema version 24; expected 26");
    assertThatThrownBy(() -> open(dirty)).hasMessageContaining("half-way");
  }

  @Test
  void whatCanNotBeStoredIsTheCallersError() {
    store.insertApp(app("a1", "app"));

    refused(() -> store.insertApp(app("a2", "x".repeat(257))), 400, UNFIT);
    assertThat(store.app("a1").name()).isEqualTo("app");
  }

  private App untilAvailable(Supplier<App> request) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return request.get();
      } catch (ServiceException e) {
        if (!InvocationErrors.isStoreUnavailable(e) || System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  Datastore open(String database) {
    return open(database, Duration.ofSeconds(120));
  }

  Datastore open(String database, Duration patience) {
    return Datastores.open(new DatastoreSettings(server().url(database), patience));
  }

  String original(int version, boolean dirty) throws SQLException {
    String original = server().newDatabase();
    try (Connection connection = server().connect(original);
        Statement statement = connection.createStatement()) {
      for (String sql : OriginalSchema.statements(version, dirty)) {
        statement.executeUpdate(sql);
      }
    }
    return original;
  }

  /** What the last statement finds. */
  List<String> query(String database, String... statements) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = server().connect(database);
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
