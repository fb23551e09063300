package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.model.App;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatastoreTest extends DatastoreContract {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("data/fn.db");
  }

  @Override
  Datastore openStore() {
    return Datastores.open(new DatastoreSettings("sqlite3://" + file(), Duration.ZERO));
  }

  @Override
  Dialect dialect() {
    return new SqliteDialect(file(), Duration.ofSeconds(5));
  }

  @Test
  void everyLookUpHasAnIndex() throws Exception {
    plans("EXPLAIN QUERY PLAN", 4)
        .forEach((lookUp, plan) ->
            assertThat(plan.lines())
                .as(lookUp)
                .isNotEmpty()
                // Of the triggers of one source; there is one, but for databases of another make.
                .filteredOn(step ->
                    !lookUp.equals("trigger by source")
                        || !step.equals("USE TEMP B-TREE FOR ORDER BY"))
                .allMatch(
                    lookUp.equals(LookUps.FIRST_PAGE)
                        ? step -> step.startsWith("SCAN apps USING INDEX")
                        : step -> step.startsWith("SEARCH ") && step.contains(" INDEX ")));
  }

  @Test
  void aFullDiskIsNotTheCallersErrorAndNotOurs() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      // No more pages than there are: what a disk without room does.
      statement.execute("PRAGMA max_page_count = 1");

      assertThatThrownBy(() -> statement.execute("CREATE TABLE t AS SELECT zeroblob(100000) AS x"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(dialect().isBusy(e)).isTrue());
    }
  }

  @Test
  void aDatabaseThatSomebodyHoldsIsBusyForWritersOnly() throws SQLException {
    store.insertApp(app("a1", "app"));
    try (Datastore impatient =
            SqlDatastore.open(new SqliteDialect(file(), Duration.ofMillis(50)), Duration.ZERO);
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");

      assertThatThrownBy(() -> impatient.insertApp(app("a2", "other")))
          .matches(InvocationErrors::isStoreUnavailable);
      assertThat(impatient.app("a1").name()).isEqualTo("app");

      statement.execute("ROLLBACK");
      assertThat(impatient.insertApp(app("a2", "other")).id()).isEqualTo("a2");
    }
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

    try (Datastore taken =
        Datastores.open(new DatastoreSettings("sqlite3://" + original, Duration.ZERO))) {
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

    assertThatThrownBy(
            () -> Datastores.open(new DatastoreSettings("sqlite3://" + old, Duration.ZERO)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("schema version 24; expected 26");
    assertThatThrownBy(
            () -> Datastores.open(new DatastoreSettings("sqlite3://" + dirty, Duration.ZERO)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("half-way");
  }

  @Test
  void saysWhyADatabaseCanNotBeOpened() throws Exception {
    Path text = Files.writeString(directory.resolve("text.db"), "no database ".repeat(1000));

    assertThatThrownBy(
            () -> Datastores.open(new DatastoreSettings("sqlite3://" + text, Duration.ZERO)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(text.toString());
    assertThatThrownBy(() -> Datastores.open(new DatastoreSettings("bolt:///fn.db", Duration.ZERO)))
        .isInstanceOf(SettingException.class)
        .hasMessage("no data store provider found for storage url bolt:///fn.db");
    assertThatThrownBy(() ->
            Datastores.open(
                new DatastoreSettings("foo://user:p@ss:w@host/db?password=x", Duration.ZERO)))
        .hasMessage(
            "no data store provider found for storage url foo://user:***@host/db?password=***");
  }

  @Test
  void makesTheDirectoryForOwnerAndGroup() throws Exception {
    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent()));

    assertThat(mode).isIn("rwxr-x---", "rwx------");
  }

  @Test
  void readsItsSettings() {
    assertThat(DatastoreSettings.from(Settings.of(Map.of())).url())
        .startsWith("sqlite3:///")
        .endsWith("/data/fn.db");
    assertThat(DatastoreSettings.from(Settings.of(Map.of("FN_DB_URL", "sqlite3:///x"))).url())
        .isEqualTo("sqlite3:///x");
    assertThat(DatastoreSettings.from(Settings.of(Map.of("FN_DS_DB_PING_MAX_RETRIES", "3"))))
        .extracting(DatastoreSettings::patience)
        .isEqualTo(Duration.ofSeconds(3));
    assertThatThrownBy(() -> DatastoreSettings.from(Settings.of(Map.of("FN_DB_URL", ""))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("datastore must be configured during startup");
  }

  /** A database as the original server makes it. */
  private Path original(String name, int version, boolean dirty) throws SQLException {
    Path database = directory.resolve(name);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String sql : OriginalSchema.statements(version, dirty)) {
        statement.executeUpdate(sql);
      }
    }
    return database;
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
}
