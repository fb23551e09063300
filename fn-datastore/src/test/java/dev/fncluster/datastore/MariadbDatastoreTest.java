package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.model.App;
import dev.fncluster.datastore.server.DatabaseServer;
import dev.fncluster.datastore.server.MariadbServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class MariadbDatastoreTest extends ServerDatastoreContract {
  private static final MariadbServer SERVER = MariadbServer.shared();

  @Override
  DatabaseServer server() {
    return SERVER;
  }

  @Override
  Dialect dialect() {
    return new MysqlDialect(MysqlUrl.parse(SERVER.url(database), "masked"));
  }

  @Test
  void everyLookUpHasAnIndex() throws Exception {
    // A thousand apps would be sorted for the first page: the engine takes that to be quicker.
    String manyApps =
        "INSERT INTO apps SELECT CONCAT('B', seq), CONCAT('other-', seq), '', '', NULL, '', '', ''"
            + " FROM seq_1_to_10000";
    plans("EXPLAIN FORMAT=JSON", 1, manyApps, "ANALYZE TABLE apps, fns, triggers")
        .forEach((lookUp, plan) -> {
          assertThat(plan)
              .as(lookUp)
              .contains("\"key\"")
              .doesNotContain("\"access_type\": \"ALL\"");
          // The few rows that an app has of a kind may be sorted.
          if (lookUp.startsWith("apps, page ")) {
            assertThat(plan).as(lookUp).doesNotContain("filesort");
          }
          if (!lookUp.equals(LookUps.FIRST_PAGE)) {
            assertThat(plan).as(lookUp).doesNotContain("\"access_type\": \"index\"");
          }
        });
  }

  @Test
  void textsThatDifferInCaseOrBlanksAreDifferent() {
    store.insertApp(app("a1", "app"));
    store.insertApp(app("A1", "App"));
    store.insertFn(fn("f1", "a1", "fn"));
    store.insertTrigger(trigger("t1", "a1", "f1", "one", "/s"));
    store.insertTrigger(trigger("t2", "a1", "f1", "two", "/s "));

    assertThat(store.app("A1").name()).isEqualTo("App");
    assertThat(store.appIdByName("app")).isEqualTo("a1");
    assertThat(store.triggerBySource("a1", "http", "/s ").id()).isEqualTo("t2");
    refused(() -> store.app("a1 "), 404, "App not found");
    refused(() -> store.appIdByName("APP"), 404, "App not found");
  }

  @Test
  void takesTablesOfAnyCollationAndEngine() throws Exception {
    String original = original(26, false);
    update(
        original,
        "ALTER TABLE apps ROW_FORMAT = COMPACT, CONVERT TO CHARACTER SET latin1",
        "ALTER TABLE fns ENGINE = MyISAM, CONVERT TO CHARACTER SET utf8mb3",
        "ALTER TABLE triggers CONVERT TO CHARACTER SET latin1 COLLATE latin1_german1_ci",
        "INSERT INTO apps VALUES ('a1', 'é', '{\"A\":\"ä\"}\n', '', NULL,"
            + " '2024-05-06T05:08:09.123Z', '2024-05-06T05:08:09.123Z', NULL)",
        "INSERT INTO fns VALUES ('f1', 'fn', 'a1', 'img', 128, 30, 30, '', '{\"k\":1.50}\n',"
            + " '2024-05-06T05:08:09.123Z', '2024-05-06T05:08:09.123Z', NULL)",
        "INSERT INTO triggers VALUES ('t1', 'tr', 'a1', 'f1', '2024-05-06T05:08:09.123Z',"
            + " '2024-05-06T05:08:09.123Z', 'http', '/s', '')");

    try (Datastore taken = open(original)) {
      assertThat(taken.app("a1").config()).isEqualTo(Map.of("A", "ä"));
      assertThat(taken.fn("f1").annotations()).isEqualTo(Map.of("k", "1.50"));
      assertThat(taken.triggerBySource("a1", "http", "/s").id()).isEqualTo("t1");
      taken.insertApp(app("a2", "É"));
      taken.insertApp(app("a3", "日本"));
      assertThat(taken.apps(new AppQuery("", Cursor.START, 9)))
          .extracting(App::name)
          .containsExactly("É", "é", "日本");
    }
    assertThat(
            query(
                original,
                "SELECT DISTINCT CONCAT(engine, ' ', row_format, ' ', table_collation)"
                    + " FROM information_schema.tables WHERE table_schema = DATABASE()"
                    + " AND table_name IN ('apps', 'fns', 'triggers')"))
        .containsExactly("InnoDB Dynamic utf8mb4_nopad_bin");
    assertThat(
            query(
                original,
                "SELECT DISTINCT CONCAT(data_type, ' ', collation_name)"
                    + " FROM information_schema.columns WHERE table_schema = DATABASE()"
                    + " AND column_name IN ('config', 'annotations')"))
        .containsExactly("mediumtext utf8mb4_nopad_bin");
  }

  @Test
  void goesOnWhereAStartWasCutOff() throws Exception {
    String original = original(26, false);
    update(original, "CREATE INDEX fn_cluster_triggers_by_fn ON triggers (source)");
    open(original).close();
    update(
        original,
        "UPDATE fn_cluster_schema_history SET success = 0 WHERE version = '3'",
        "DROP INDEX fn_cluster_triggers_by_name ON triggers",
        "DELETE FROM fn_cluster_schema_history WHERE version = '2'");

    try (Datastore opened = open(original)) {
      assertThat(opened.insertApp(app("a1", "app")).id()).isEqualTo("a1");
    }
    assertThat(
            query(
                original,
                "SELECT DISTINCT index_name FROM information_schema.statistics"
                    + " WHERE table_schema = DATABASE() AND index_name LIKE 'fn_cluster_trig%'"))
        .hasSize(3);
  }

  @Test
  void keepsLongConfigsAndRefusesThoseThatFitNoPacket() {
    App large = withLongValues(app("a1", "app"), 200_000);
    App huge = withLongValues(app("a2", "huge"), 10_000_000);

    store.insertApp(large);

    assertThat(store.app("a1")).isEqualTo(large);
    refused(() -> store.insertApp(huge), 400, UNFIT);
    refused(() -> store.updateApp("a1", a -> withLongValues(a, 10_000_000)), 400, UNFIT);
    assertThat(store.updateApp("a1", a -> with(a, "x")).config()).hasSize(2);
  }

  @Test
  void reachesTheServerOverItsSocket() {
    try (Datastore opened =
        Datastores.open(new DatastoreSettings(SERVER.socketUrl(database), Duration.ZERO))) {
      assertThat(opened.insertApp(app("a1", "app")).id()).isEqualTo("a1");
    }
    assertThat(store.app("a1").name()).isEqualTo("app");
  }

  @Test
  void neverGoesOnWithoutTheEncryptionThatWasAskedFor() {
    DatastoreSettings encrypted =
        new DatastoreSettings(SERVER.url(database) + "?tls=true", Duration.ZERO);

    assertThatThrownBy(() -> Datastores.open(encrypted)).hasMessageContaining("can't be opened");
  }

  private static App withLongValues(App app, int length) {
    return new App(
        app.id(),
        app.name(),
        Map.of("k", "v".repeat(length)),
        Map.of("k", '"' + "v".repeat(length) + '"'),
        app.syslogUrl(),
        app.shape(),
        app.createdAt(),
        app.updatedAt());
  }

  private static void update(String database, String... statements) throws SQLException {
    try (Connection connection = SERVER.connect(database);
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.executeUpdate(each);
      }
    }
  }
}
