package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node with a store is ready as long as that can be read. */
@Timeout(180)
final class StoreReadinessTest {
  private static void change(LocalNodes nodes, String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + nodes.folder().resolve("fn.db"));
        Statement change = connection.createStatement()) {
      change.execute(statement);
    }
  }

  @Test
  void anApiNodeIsNotReadyWhileItsDatabaseFails() throws Exception {
    try (LocalNodes nodes = new LocalNodes()) {
      WireClient api = nodes.startApi(Map.of());
      assertThat(api.send("GET", "/health/ready", "").status()).isEqualTo(200);

      change(nodes, "ALTER TABLE apps RENAME TO gone");
      WireClient.Answer refused = api.send("GET", "/health/ready", "");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.message()).startsWith("not ready: ").doesNotContain("apps");
      assertThat(api.send("GET", "/health/live", "").status()).isEqualTo(200);

      change(nodes, "ALTER TABLE gone RENAME TO apps");
      assertThat(api.send("GET", "/health/ready", "").status()).isEqualTo(200);
    }
  }
}
