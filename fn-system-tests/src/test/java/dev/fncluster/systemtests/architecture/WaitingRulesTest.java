package dev.fncluster.systemtests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests wait for conditions; the few that let time pass are here, with what they do it for. */
final class WaitingRulesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().resolveSibling("");

  private static final Pattern LETS_TIME_PASS =
      Pattern.compile("\\.sleep\\(|\\bparkNanos\\(|\\.until\\(\\(\\) -> true\\)");

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("FakeDriver.java", "an engine that takes its time"),
          Map.entry("TestFunction.java", "a function that takes its time"),
          Map.entry("BenchTest.java", "a server that takes its time"),
          Map.entry("HttpServerTimeoutsTest.java", "a client that sends a little now and then"),
          Map.entry("Http2AbuseTest.java", "a client that sends a little now and then"),
          Map.entry("FailureTest.java", "a client that reads no further"),
          Map.entry("FreezingTest.java", "clients that call when containers are being frozen"),
          Map.entry("DockerLogsTest.java", "a pause in the output of a function"),
          Map.entry("SteadyLoad.java", "clients that call so and so often"),
          Map.entry("ConnectionsBench.java", "a measurement of a fixed length"));

  @Test
  void testsThatLetTimePassSayWhatFor() throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path source : testSources()) {
      if (LETS_TIME_PASS.matcher(Files.readString(source)).find()) {
        found.add(String.valueOf(source.getFileName()));
      }
    }
    assertThat(found)
        .as("wait for a condition or move a clock; where only time will do, say why in both places")
        .isEqualTo(new TreeSet<>(REASONS.keySet()));
  }

  private static List<Path> testSources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    assertThat(sources).hasSizeGreaterThan(200);
    return sources;
  }
}
