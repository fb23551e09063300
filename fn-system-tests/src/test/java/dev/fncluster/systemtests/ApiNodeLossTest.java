package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.datastore.server.DatabaseServer;
import dev.fncluster.datastore.server.MariadbServer;
import dev.fncluster.datastore.server.PostgresServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two API nodes share a database server, and a load balancer has the addresses of both: one may be
 * killed, then the other, while calls and management go on. The database itself may go away too.
 */
@Tag("docker")
@Tag("database")
final class ApiNodeLossTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int CALLS_PER_SECOND = 20;
  private static final int CALLS_BETWEEN = 20;

  /** What the API nodes share. */
  enum Engine {
    POSTGRESQL(PostgresServer::shared),
    MARIADB(MariadbServer::shared);

    private final Supplier<DatabaseServer> server;

    Engine(Supplier<DatabaseServer> server) {
      this.server = server;
    }

    DatabaseServer server() {
      return server.get();
    }
  }

  @ParameterizedTest
  @EnumSource
  void eitherNodeMayDieAndTheDatabaseBeAway(Engine engine) throws Exception {
    try (SharedDatabaseCluster cluster = SharedDatabaseCluster.start(engine.server())) {
      assertAnswers(cluster, cluster.clientOf(1).createEcho());
      FnClient.CreatedFn known = cluster.clientOf(0).createEcho();
      SteadyLoad load = SteadyLoad.start(() -> cluster.clientOf(0), known, CALLS_PER_SECOND);
      try (load) {
        load.goOn(CALLS_BETWEEN);
        loseAndReplace(cluster, load, 0);
        loseAndReplace(cluster, load, 1);
        engine.server().kill();
        try {
          assertUnavailable(cluster, known);
          load.goOn(CALLS_BETWEEN);
        } finally {
          engine.server().start();
        }
        await().atMost(BOUND).until(() -> get(cluster, known).statusCode() == 200);
        assertAnswers(cluster, cluster.clientOf(0).createEcho());
      }
      assertThat(load.failures()).isEmpty();
      assertThat(load.containersWithMoreCallsThanAnswers()).isEmpty();
    }
  }

  private static void loseAndReplace(SharedDatabaseCluster cluster, SteadyLoad load, int dead) {
    FnClient.CreatedFn early = cluster.clientOf(dead).createEcho();
    cluster.kill(dead);

    FnClient.CreatedFn late = cluster.clientOf(1 - dead).createEcho();
    assertAnswers(cluster, early);
    assertAnswers(cluster, late);
    load.goOn(CALLS_BETWEEN);

    cluster.restart(dead);
    assertAnswers(cluster, cluster.clientOf(dead).createEcho());
    load.goOn(CALLS_BETWEEN);
  }

  private static HttpResponse<String> get(SharedDatabaseCluster cluster, FnClient.CreatedFn fn) {
    return cluster.clientOf(0).get(cluster.api(0), "/v2/fns/" + fn.id());
  }

  private static void assertUnavailable(SharedDatabaseCluster cluster, FnClient.CreatedFn fn) {
    HttpResponse<String> response = get(cluster, fn);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    assertThat(FnClient.json(response).get("message").asText())
        .isEqualTo("Database unavailable - try again later");
    assertThat(FnClient.header(response, "Retry-After")).isEqualTo("15");
  }

  private static void assertAnswers(SharedDatabaseCluster cluster, FnClient.CreatedFn fn) {
    HttpResponse<String> response = cluster.clientOf(0).invoke(fn, "Hello");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("Hello");
  }
}
