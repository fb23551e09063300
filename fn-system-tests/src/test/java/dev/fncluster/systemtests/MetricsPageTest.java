package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The page about metrics has what nodes export, which is well-formed. */
@Tag("docker")
@ExtendWith(ObservedClusterExtension.class)
final class MetricsPageTest {
  private static final Duration BOUND = Duration.ofSeconds(120);

  private final ObservedCluster observed;

  MetricsPageTest(ObservedCluster observed) {
    this.observed = observed;
  }

  @Test
  void theDocumentSaysWhatNodesExport() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    check(softly, "api", false, List.of(observed.page(observed.cluster().api())));
    check(softly, "lb", false, List.of(observed.ofLoadBalancer()));
    check(softly, "runner", false, observed.runners().stream().map(observed::page).toList());
    check(softly, "full", true, List.of(fullNodeWithOtherNames()));
    softly.assertAll();
  }

  private Exposition fullNodeWithOtherNames() throws IOException {
    try (FullNode node =
        FullNode.start(
            "operator-full",
            Map.of(
                "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
                "0",
                "FN_IMAGE_CLEAN_MAX_SIZE",
                Long.toString(1L << 50),
                "FN_METRICS_NAMES",
                "fn"))) {
      FnClient client = node.client();
      assertThat(client.invoke(client.createEcho(), "x").statusCode()).isEqualTo(200);
      await()
          .atMost(BOUND)
          .until(() ->
              Exposition.parse(client.get(node.process(), "/metrics").body())
                  .families()
                  .keySet()
                  .containsAll(List.of("fn_docker_stats_mem_usage", "fn_docker_events")));
      return Exposition.parse(client.get(node.process(), "/metrics").body());
    }
  }

  private static void check(
      SoftAssertions softly, String node, boolean fnNames, List<Exposition> pages) {
    List<MetricsTable.Row> rows =
        MetricsTable.read().stream().filter(row -> row.nodes().contains(node)).toList();
    TreeSet<String> undocumented = new TreeSet<>();
    pages.forEach(page -> undocumented.addAll(page.names()));
    for (MetricsTable.Row row : rows) {
      String name = row.nameFor(fnNames);
      undocumented.remove(name);
      List<Exposition.Family> found =
          pages.stream()
              .filter(page -> page.families().containsKey(name))
              .map(page -> page.families().get(name))
              .toList();
      if (row.always()) {
        softly.assertThat(found).as("%s on node %s", name, node).isNotEmpty();
      }
      for (Exposition.Family family : found) {
        softly.assertThat(family.type()).as("type of %s on %s", name, node).isEqualTo(row.type());
        softly
            .assertThat(family.labels())
            .as("labels of %s on %s", name, node)
            .isEqualTo(row.labels());
      }
    }
    softly
        .assertThat(undocumented)
        .as("metrics of node %s that docs/metrics.md does not have", node)
        .isEmpty();
  }

  @Test
  void promtoolFindsNothingWrongWithThePages() throws Exception {
    for (NodeProcess node : observed.cluster().nodes()) {
      Path file = Files.createTempFile("fn-st-metrics", ".txt");
      try {
        Files.writeString(file, observed.cluster().client().get(node, "/metrics").body());
        Commands.Result result =
            Commands.run(
                BOUND,
                Path.of("/"),
                Map.of(),
                List.of("sh", "-c", "promtool check metrics < " + file));
        assertThat(result.output()).as(node.name()).isEmpty();
        assertThat(result.exitStatus()).as(node.name()).isZero();
      } finally {
        Files.delete(file);
      }
    }
  }
}
