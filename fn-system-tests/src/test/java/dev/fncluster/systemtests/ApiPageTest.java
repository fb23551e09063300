package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All commands of {@code docs/api.md}, as somebody would type them. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class ApiPageTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

  @TempDir private Path folder;

  @Test
  void everyCommandWorks(Cluster cluster) throws IOException {
    String page = Files.readString(Repository.root().resolve("docs/api.md"));
    String commands =
        BLOCK.matcher(page).results().map(block -> block.group(1)).collect(Collectors.joining());
    Path script = Files.writeString(folder.resolve("page.sh"), "set -euo pipefail\n" + commands);
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

    Commands.Result result =
        Commands.run(
            Duration.ofMinutes(3),
            Repository.root(),
            environment,
            List.of("bash", script.toString()));

    assertThat(result.exitStatus()).as(result.output()).isZero();
    assertThat(result.output())
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
