package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.datastore.server.DatabaseServer;
import dev.fncluster.datastore.server.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class PostgresDatastoreTest extends ServerDatastoreContract {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @Override
  DatabaseServer server() {
    return SERVER;
  }

  @Override
  Dialect dialect() {
    return new PostgresDialect(PostgresUrl.parse(SERVER.url(database), "masked"));
  }

  @Test
  void everyLookUpHasAnIndex() throws Exception {
    // What an engine does for few rows says nothing; what it can do is the question.
    String[] indexes = {"ANALYZE", "SET enable_seqscan = off", "SET enable_bitmapscan = off"};
    plans("EXPLAIN", 1, indexes)
        .forEach((lookUp, plan) -> {
          assertThat(plan).as(lookUp).contains("Index Scan").doesNotContain("Seq Scan");
          if (!lookUp.equals(LookUps.FIRST_PAGE)) {
            assertThat(plan).as(lookUp).contains("Index Cond");
          }
        });
  }

  @Test
  void pagesComeInTheOrderOfAnIndex() throws Exception {
    plans("EXPLAIN", 1, "ANALYZE", "SET enable_seqscan = off", "SET enable_sort = off")
        .forEach((lookUp, plan) -> {
          if (lookUp.contains(", page ")) {
            assertThat(plan).as(lookUp).contains("Index Scan").doesNotContain("Sort");
          }
        });
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

  /** As after a failover: the old server only reads now, and new connections find the new one. */
  @Test
  void connectionsToAServerThatOnlyReadsAreGivenUp() throws Exception {
    store.insertApp(app("a1", "app"));
    String newOnesWrite = "ALTER DATABASE " + database + " SET default_transaction_read_only = off";
    try (Connection connection = SERVER.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(newOnesWrite);
      statement.execute("ALTER SYSTEM SET default_transaction_read_only = on");
      try {
        statement.execute("SELECT pg_reload_conf()");
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() ->
                assertThatThrownBy(
                        () -> store.updateApp("a1", a -> with(a, UUID.randomUUID().toString())))
                    .matches(InvocationErrors::isStoreUnavailable));

        assertThat(store.insertApp(app("a2", "other")).id()).isEqualTo("a2");
      } finally {
        statement.execute("ALTER SYSTEM RESET default_transaction_read_only");
        statement.execute("SELECT pg_reload_conf()");
      }
    }
  }

  @Test
  void aCharacterThatCanNotBeStoredIsTheCallersError() {
    refused(() -> store.insertApp(app("a2", "/\0")), 400, UNFIT);
    refused(() -> store.app("\0"), 400, UNFIT);
  }
}
