package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.lb.LbNode;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A load balancer that gives each call a token for the registry of its image, which travels to the
 * runner and its engine.
 */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class RegistryTokenTest {
  private static final String REPOSITORY = "private/fn";

  @Test
  void theTokenOfACallOpensItsRegistry(Cluster cluster) throws Exception {
    AtomicReference<String> token = new AtomicReference<>("");
    try (TokenRegistry registry = TokenRegistry.start();
        Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1")) {
      String image = registry.publish(Repository.JAVA_IMAGE, REPOSITORY);
      LbNode balancer = balancer(cluster, metrics, token);
      balancer.start();
      try {
        FnClient client = cluster.client().callingAt(balancer.port());
        FnClient.CreatedFn fn = client.createFn(image, more -> {});

        expectNoPull(client.invoke(fn, "x"), image);
        String ofAnother = registry.token("private/other", "pull");
        token.set(ofAnother);
        expectNoPull(client.invoke(fn, "x"), image);

        String good = registry.token(REPOSITORY, "pull");
        token.set(good);
        HttpResponse<String> answer = client.invoke(fn, "hello");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");

        for (Cluster.RunnerNode each : cluster.runners()) {
          assertThat(each.process().logLines(good)).as("log lines with the token").isEmpty();
          assertThat(each.process().logLines(ofAnother)).as("log lines with a token").isEmpty();
        }
      } finally {
        balancer.stop(Duration.ofSeconds(30));
        Commands.run("docker", "rmi", "--force", image);
      }
    }
  }

  private static void expectNoPull(HttpResponse<String> answer, String image) {
    // Old engines answer 500 whatever the registry said; only a 4xx of theirs is passed on.
    assertThat(answer.statusCode()).as(answer.body()).isIn(401, 403, 404, 502);
    assertThat(FnClient.json(answer).get("message").asText())
        .startsWith("Failed to pull image '" + image + "': ");
  }

  private static LbNode balancer(Cluster cluster, Metrics metrics, AtomicReference<String> token) {
    Map<String, String> settings =
        Map.of(
            "FN_PORT", "0",
            "FN_RUNNER_API_URL", cluster.api().uri("").toString(),
            "FN_RUNNER_ADDRESSES",
                cluster.runners().stream()
                    .map(runner -> "127.0.0.1:" + runner.grpcPort())
                    .collect(Collectors.joining(",")));
    return LbNode.builder(new NodeContext(Settings.of(settings), new BuildInfo("1"), metrics))
        .overrider((call, extensions) -> {
          Map<String, String> more = new HashMap<>(extensions);
          more.put("FN_REGISTRY_TOKEN", token.get());
          return more;
        })
        .build();
  }
}
