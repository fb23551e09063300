package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.runner.driver.ForwardingDriver;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pure runner tells those who probe it, by what its driver says. */
final class ReadinessTest {
  @TempDir Path sockets;

  private static String freePort() throws Exception {
    return Integer.toString(FreePorts.next());
  }

  @Test
  void nodeIsReadyAsLongAsContainersCanBeMade() throws Exception {
    AtomicReference<@Nullable String> obstacle = new AtomicReference<>();
    String port = freePort();
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1");
        HttpClient client = HttpClient.newHttpClient()) {
      NodeContext context =
          new NodeContext(
              Settings.of(
                  Map.of(
                      "FN_PORT", port,
                      "FN_GRPC_PORT", freePort(),
                      "FN_IOFS_PATH", sockets.toString())),
              new BuildInfo("1"),
              metrics);
      PureRunnerNode node =
          PureRunnerNode.builder(context)
              .driver(
                  new ForwardingDriver(
                      new ForwardingDriver(new FakeDriver()) {
                        @Override
                        public Optional<String> obstacle() {
                          return Optional.ofNullable(obstacle.get());
                        }
                      }) {})
              .build();
      node.start();
      try {
        HttpRequest probe =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .timeout(Duration.ofSeconds(60))
                .build();
        assertThat(send(client, probe).statusCode()).isEqualTo(200);
        obstacle.set("the engine has gone");
        HttpResponse<String> refusal = send(client, probe);
        assertThat(refusal.statusCode()).isEqualTo(503);
        assertThat(refusal.body()).contains("not ready: the engine has gone");
        obstacle.set(null);
        assertThat(send(client, probe).statusCode()).isEqualTo(200);
      } finally {
        node.stop(Duration.ofSeconds(5));
      }
    }
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest request)
      throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
