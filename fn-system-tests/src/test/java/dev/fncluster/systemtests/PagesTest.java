package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pages that every node has. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class PagesTest {
  @Test
  void everyNodeSaysHello(Cluster cluster) {
    for (NodeProcess node : cluster.nodes()) {
      HttpResponse<String> response = cluster.client().get(node, "/");
      assertThat(response.statusCode()).as(node.name()).isEqualTo(200);
      assertThat(FnClient.json(response).get("hello").asText()).isEqualTo("world!");
    }
  }

  @Test
  void everyNodeTellsItsVersion(Cluster cluster) {
    for (NodeProcess node : cluster.nodes()) {
      HttpResponse<String> response = cluster.client().get(node, "/version");
      assertThat(response.statusCode()).as(node.name()).isEqualTo(200);
      assertThat(FnClient.json(response).get("version").asText()).isNotEmpty();
    }
  }

  @Test
  void everyNodeHasMetrics(Cluster cluster) {
    for (NodeProcess node : cluster.nodes()) {
      HttpResponse<String> response = cluster.client().get(node, "/metrics");
      assertThat(response.statusCode()).as(node.name()).isEqualTo(200);
      assertThat(FnClient.header(response, "Content-Type")).startsWith("text/plain");
      assertThat(response.body())
          .as(node.name())
          .contains("# TYPE ")
          .contains("jvm_memory_used_bytes");
    }
  }

  @Test
  void everyNodeIsReady(Cluster cluster) {
    for (NodeProcess node : cluster.nodes()) {
      for (String probe : new String[] {"live", "ready"}) {
        HttpResponse<String> response = cluster.client().get(node, "/health/" + probe);
        assertThat(response.statusCode()).as("%s %s", node.name(), probe).isEqualTo(200);
        assertThat(FnClient.json(response).get("status").asText()).isEqualTo(probe);
      }
    }
  }

  @Test
  void theLoadBalancerCountsPlacements(Cluster cluster) {
    assertThat(cluster.client().invoke(cluster.client().createEcho(), "count me").statusCode())
        .isEqualTo(200);

    assertThat(cluster.client().get(cluster.loadBalancer(), "/metrics").body())
        .contains("fn_lb_placer_attempt_count_bucket")
        .contains("fn_lb_placer_placed_ok_count");
  }
}
