package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All commands of {@code docs/api.md}, as somebody would type them. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class ApiPageTest {
  @TempDir private Path folder;

  @Test
  void everyCommandWorks(Cluster cluster) {
    Map<String, String> environment =
        Map.of(
            "API_URL",
            base(cluster.api()),
            "LB_URL",
            base(cluster.loadBalancer()),
            "IMAGE",
            Repository.JAVA_IMAGE,
            "APP",
            "page-" + UUID.randomUUID());

    assertThat(DocumentPage.run("api.md", folder, Duration.ofMinutes(3), environment))
        .contains(
            "\"config\":{\"CURRENCY\":\"EUR\"}",
            "called by id",
            "called by path",
            "HTTP/1.1 202 Accepted",
            "\"config\":{\"GREETING\":\"hello\"}",
            "{\"items\":[]}",
            "{\"message\":\"App already exists\"}",
            "{\"message\":\"Fn not found\"}",
            "{\"message\":\"Trigger not found\"}");
  }

  private static String base(NodeProcess node) {
    return node.uri("/").toString().replaceFirst("/$", "");
  }
}
