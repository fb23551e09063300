package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The example plugins, dropped as jars into a cluster of stock nodes. */
@Tag("docker")
final class PluginClusterTest {
  private static final Duration BOUND = Duration.ofSeconds(90);

  private static Path folder;
  private static Cluster cluster;
  private static NodeProcess partitioned;

  @BeforeAll
  static void start() throws Exception {
    folder = Files.createTempDirectory("plugins");
    PluginJar.ofProject(folder, "tasting");
    PluginJar.ofProject(folder, "partitions");
    String plugins = folder.toString();
    cluster =
        Cluster.start(
            Map.of("FN_PLUGINS_DIR", plugins, "FN_CALL_OVERRIDERS", "cheese"),
            Map.of(
                "FN_PLUGINS_DIR",
                plugins,
                "FN_CALL_OVERRIDERS",
                "wine",
                "FN_CONTAINER_DRIVER",
                "tasting"));
    Map<String, String> settings = new HashMap<>();
    settings.put("FN_PLUGINS_DIR", plugins);
    settings.put("FN_RUNNER_POOL", "partitions");
    settings.put("FN_PLACER", "fewest-calls");
    settings.put(
        "PARTITIONS",
        "gold=127.0.0.1:%d;silver=127.0.0.1:%d"
            .formatted(cluster.runners().get(0).grpcPort(), cluster.runners().get(1).grpcPort()));
    partitioned = cluster.addLoadBalancer("partitioned", "127.0.0.1:1", settings);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    Folders.delete(folder);
  }

  private static JsonNode config(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return FnClient.json(response).get("config");
  }

  @Test
  void whatALoadBalancerAndARunnerAddReachesTheContainer() {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    cluster.client().createTrigger(fn, "/taste");
    JsonNode config = config(cluster.client().invoke(fn, "{\"isDebug\": true}"));
    assertThat(config.path("FN_CHEESE").asText()).isEqualTo("Tete de Moine");
    assertThat(config.path("FN_WINE").asText()).isEqualTo("1982 Margaux");
    HttpResponse<String> triggered =
        cluster
            .client()
            .request("POST", "/t/" + fn.appName() + "/taste", "{\"isDebug\": true}", Map.of());
    assertThat(config(triggered).path("FN_CHEESE").asText()).isEqualTo("Tete de Moine");
  }

  @Test
  void whoBringsSomethingElseAlongGetsAnotherContainer() {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    NodeProcess other =
        cluster.addLoadBalancer(
            "brie",
            "127.0.0.1:" + cluster.runners().get(0).grpcPort(),
            Map.of(
                "FN_PLUGINS_DIR",
                folder.toString(),
                "FN_CALL_OVERRIDERS",
                "cheese",
                "CHEESE_NAME",
                "Brie"));
    for (int i = 0; i < 2; i++) {
      assertThat(
              config(cluster.client().invoke(fn, "{\"isDebug\": true}")).path("FN_CHEESE").asText())
          .isEqualTo("Tete de Moine");
      assertThat(
              config(cluster.client().callingAt(other).invoke(fn, "{\"isDebug\": true}"))
                  .path("FN_CHEESE")
                  .asText())
          .isEqualTo("Brie");
    }
  }

  @Test
  void anAppStaysWithinItsPartition() {
    FnClient client = cluster.client().callingAt(partitioned);
    for (int i = 0; i < 2; i++) {
      Cluster.RunnerNode runner = cluster.runners().get(i);
      Cluster.RunnerNode other = cluster.runners().get(1 - i);
      List<String> before = Containers.ofFunctions(runner.labelTag());
      List<String> elsewhere = Containers.ofFunctions(other.labelTag());
      FnClient.CreatedFn fn = client.createEchoIn(i == 0 ? "gold" : "silver");
      for (int call = 0; call < 4; call++) {
        assertThat(client.invoke(fn, "hello").body()).isEqualTo("hello");
      }
      assertThat(Containers.ofFunctions(runner.labelTag())).hasSizeGreaterThan(before.size());
      assertThat(Containers.ofFunctions(other.labelTag())).hasSize(elsewhere.size());
    }
    HttpResponse<String> refused = client.invoke(client.createEchoIn("lead"), "hello");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("there is no partition");
  }

  @Test
  void aCallGoesToTheRunnerWithTheFewestOnes() throws Exception {
    NodeProcess balancer =
        cluster.addLoadBalancer(
            "fewest",
            "127.0.0.1:1",
            Map.of(
                "FN_PLUGINS_DIR",
                folder.toString(),
                "FN_RUNNER_POOL",
                "partitions",
                "FN_PLACER",
                "fewest-calls",
                "PARTITIONS",
                "gold=127.0.0.1:%d,127.0.0.1:%d"
                    .formatted(
                        cluster.runners().get(0).grpcPort(), cluster.runners().get(1).grpcPort())));
    FnClient client = cluster.client().callingAt(balancer);
    Map<Cluster.RunnerNode, List<String>> before = containers();
    CompletableFuture<HttpResponse<String>> held =
        client.invokeAsync(client.createKnobsIn("gold"), "{\"sleepTime\": 100000}");
    Cluster.RunnerNode busy = await().atMost(BOUND).until(() -> grown(before), Objects::nonNull);
    List<String> there = Containers.ofFunctions(busy.labelTag());
    for (int i = 0; i < 4; i++) {
      assertThat(client.invoke(client.createEchoIn("gold"), "hello").body()).isEqualTo("hello");
      assertThat(there).containsAll(Containers.ofFunctions(busy.labelTag()));
    }
    assertThat(held).isNotDone();
    // A client that leaves ends its call.
    held.cancel(true);
  }

  /** The runner that has a container which it had not; null for none. */
  private static Cluster.@Nullable RunnerNode grown(Map<Cluster.RunnerNode, List<String>> before) {
    return cluster.runners().stream()
        .filter(each ->
            !before
                .getOrDefault(each, List.of())
                .containsAll(Containers.ofFunctions(each.labelTag())))
        .findFirst()
        .orElse(null);
  }

  private static Map<Cluster.RunnerNode, List<String>> containers() {
    Map<Cluster.RunnerNode, List<String>> all = new HashMap<>();
    cluster.runners().forEach(each -> all.put(each, Containers.ofFunctions(each.labelTag())));
    return all;
  }

  @Test
  void aMisnamedPluginStopsItsNodeWithALineThatHelps() throws Exception {
    try (NodeProcess node =
        NodeProcess.start(
            "misnamed",
            Map.of(
                "FN_NODE_TYPE",
                "lb",
                "FN_RUNNER_API_URL",
                cluster.api().uri("").toString(),
                "FN_RUNNER_ADDRESSES",
                "127.0.0.1:1",
                "FN_PLUGINS_DIR",
                folder.toString(),
                "FN_PLACER",
                "fewest-cals"))) {
      node.awaitEnd();
      assertThat(node.logTail())
          .contains(
              "FN_PLACER names \"fewest-cals\", which is unknown; known are ch, ch-bounded,"
                  + " ch-compatible, fewest-calls, naive");
    }
  }
}
