package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What makes nodes quick from their first calls on. */
@Tag("docker") // Needs the jar that runs, as all tests with this tag do.
final class StartUpTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Test
  void theJvmTakesTheCacheThatWasMadeForTheJar() {
    Commands.Result made =
        Commands.run(
            LIMIT,
            Repository.root(),
            Map.of(),
            List.of(Repository.root().resolve("bin/aot-cache").toString(), "1"));
    assertThat(made.exitStatus()).as(made.output()).isZero();

    String jar = Repository.serverJar().toString();
    Path cache = Path.of(jar.replace(".jar", ".aot"));
    assertThat(cache).exists();
    // With this mode the JVM ends if the cache is of no use to it.
    Commands.Result version =
        Commands.run(
            LIMIT,
            Repository.root(),
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:AOTCache=" + cache,
                "-XX:AOTMode=on",
                "-jar",
                jar,
                "--version"));
    assertThat(version.exitStatus()).as(version.output()).isZero();
    assertThat(version.output()).contains("fn-server ");
  }

  @Test
  void aNodeRehearsesBeforeItIsReady() throws Exception {
    try (NodeProcess node =
        NodeProcess.start(
                "warm-lb",
                Map.of(
                    "FN_NODE_TYPE",
                    "lb",
                    "FN_WARM_UP",
                    "1s",
                    "FN_RUNNER_API_URL",
                    "http://127.0.0.1:1",
                    "FN_RUNNER_ADDRESSES",
                    "127.0.0.1:1"))
            .awaitReady()) {
      String log = Files.readString(node.log());
      assertThat(log).containsPattern("warmed up calls=\"[1-9]");
      // The nodes of the rehearsal have said nothing.
      assertThat(log)
          .doesNotContain("unsafe")
          .containsOnlyOnce("load balancer is ready")
          .doesNotContain("pure runner");
    }
  }
}
