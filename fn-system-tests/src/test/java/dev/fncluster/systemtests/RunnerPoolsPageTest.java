package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All commands of {@code docs/runner-pools.md}, as somebody would type them. */
@Tag("docker")
final class RunnerPoolsPageTest {
  private static final List<String> PORTS =
      List.of(
          "API_PORT", "LB_PORT", "TLS_LB_PORT", "GRPC_1", "GRPC_2", "GRPC_3", "GRPC_4", "DNS_PORT");

  @TempDir private Path folder;

  @Test
  void everyCommandWorks() {
    assertThat(
            DocumentPage.run(
                "runner-pools.md", folder, Duration.ofMinutes(6), DocumentPage.freePorts(PORTS)))
        .contains("through the list", "without the first", "encrypted");
  }
}
