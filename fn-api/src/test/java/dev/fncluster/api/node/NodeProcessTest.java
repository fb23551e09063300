package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs real processes: signals, exit codes and the log can't be had in this one. */
@Timeout(120)
final class NodeProcessTest {
  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void stopsInOrderWhenAsked() throws Exception {
    Process process = launch("well", Map.of("FN_SHUTDOWN_TIMEOUT", "7s", "FN_PROT", "1"));
    BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
    List<String> lines = readUntil(log, " ready ");
    assertThat(lines).anyMatch(line -> line.contains("FN_PROT is set, but there is no such"));
    assertThat(lines).noneMatch(line -> line.contains("chatter"));
    assertThat(lines).anyMatch(line -> line.contains("--sun-misc-unsafe-memory-access=allow"));
    assertThat(lines).anyMatch(line -> line.contains("from java.util.logging"));
    assertThat(lines)
        .anyMatch(line -> line.contains("two lines") && line.contains("call_id=\"c1\""));

    process.toHandle().destroy();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(log.lines().toList())
        .anyMatch(line -> line.contains("stopping"))
        .anyMatch(line -> line.contains("stop with PT7S"))
        .anyMatch(line -> line.contains("stopped"));
  }

  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    Process process = launch("hangs", Map.of());
    BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
    readUntil(log, " ready ");
    process.toHandle().destroy();
    readUntil(log, "stop with");
    process.toHandle().destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 15);
  }

  @Test
  void aSignalEndsAStart() throws Exception {
    Process process = launch("waits", Map.of());
    BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
    readUntil(log, "waits for somebody");
    process.toHandle().destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(log.lines().toList())
        .anyMatch(line -> line.contains("stop with PT0S"))
        .anyMatch(line -> line.contains("stopped before it was ready"))
        .noneMatch(line -> line.contains(" ready node"));
  }

  @Test
  void aStartThatFailsAsExpectedIsOneLine() throws Exception {
    Process process = launch("refuses", Map.of("FN_LOG_LEVEL", "error"));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(process.errorReader(StandardCharsets.UTF_8).lines())
        .containsExactly("fn-test: the engine does not answer; start it");
  }

  @Test
  void aStartThatFailsUnexpectedlyIsOneLineAndAStackTraceInTheLog() throws Exception {
    Path file = folder.resolve("log");
    Process process =
        launch("breaks", Map.of("FN_LOG_DEST", "file://" + file, "FN_LOG_FORMAT", "json"));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(process.errorReader(StandardCharsets.UTF_8).lines())
        .containsExactly("fn-test: can't start: java.lang.IllegalStateException: a bug");
    assertThat(Files.readAllLines(file))
        .anyMatch(line -> line.contains("\"msg\":\"can't start\"") && line.contains("TestNode"))
        .anyMatch(line -> line.contains("\"call_id\":\"c1\"") && line.contains("two\\nlines"))
        .allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("}"));
  }

  @Test
  void aStartThatEndsWithAnErrorEndsTheProcess() throws Exception {
    Path file = folder.resolve("log");
    Process process = launch("lacks", Map.of("FN_LOG_DEST", "file://" + file));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(process.errorReader(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "fn-test: can't start: java.lang.NoClassDefFoundError: org/example/Missing");
    assertThat(Files.readAllLines(file)).anyMatch(line -> line.contains("stop with PT0S"));
  }

  @Test
  void aStopThatFailsIsAFailure() throws Exception {
    Process process = launch("stumbles", Map.of());
    BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
    readUntil(log, " ready ");
    process.toHandle().destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(log.lines()).anyMatch(line -> line.contains("the stop failed"));
  }

  private Process launch(String behaviour, Map<String, String> environment) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                TestNode.class.getName(),
                behaviour));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("FN_") || name.contains("JAVA"));
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .toList());
  }

  private static List<String> readUntil(BufferedReader log, String text) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      lines.add(line);
      if (line.contains(text)) {
        return lines;
      }
    }
    throw new AssertionError("no line has \"" + text + "\": " + lines);
  }
}
