package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.management.Datastore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class PostgresDatastoreTest extends ServerDatastoreContract {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @Override
  DatabaseServer server() {
    return SERVER;
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
  void aCharacterThatCanNotBeStoredIsTheCallersError() {
    refused(() -> store.insertApp(app("a2", "/\0")), 400, UNFIT);
    refused(() -> store.app("\0"), 400, UNFIT);
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
}
