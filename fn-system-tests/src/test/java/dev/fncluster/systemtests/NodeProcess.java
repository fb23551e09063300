package dev.fncluster.systemtests;

import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** A node that runs as a process of its own, with its log below {@code target/}. */
final class NodeProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String name;
  private final int port;
  private final Path log;
  private final Process process;

  private NodeProcess(String name, int port, Path log, Process process) {
    this.name = name;
    this.port = port;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a node on a free port; it may not be ready when this returns.
   *
   * @param name the node's name in logs and messages
   * @param settings {@code FN_} variables; the port is added
   */
  static NodeProcess start(String name, Map<String, String> settings) {
    return start(name, FreePorts.next(), settings);
  }

  /** Starts a node on a port that another process may have had before. */
  static NodeProcess start(String name, int port, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx192m"));
    command.addAll(List.of("-XX:MaxDirectMemorySize=192m", "-XX:TieredStopAtLevel=1"));
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(List.of("-jar", Repository.serverJar().toString()));
    Path log = Repository.logs().resolve(name + "-" + port + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(variable -> variable.startsWith("FN_"));
    // The other tests are not about the first calls of a node.
    environment.put("FN_WARM_UP", "0");
    environment.putAll(settings);
    environment.put("FN_PORT", Integer.toString(port));
    try {
      Files.createDirectories(Repository.logs());
      return new NodeProcess(name, port, log, builder.redirectOutput(log.toFile()).start());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Waits until the node answers 200 at {@code /}; fails with the end of its log when it does not
   * in time.
   */
  NodeProcess awaitReady() {
    try {
      await()
          .atMost(START_LIMIT)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .until(this::answers);
      return this;
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(
          name + " was not ready within " + START_LIMIT + ":\n" + logTail(), late);
    }
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new AssertionError(
          name + " ended with " + process.exitValue() + " before it was ready:\n" + logTail());
    }
    HttpRequest request = HttpRequest.newBuilder(uri("/")).timeout(Duration.ofSeconds(2)).build();
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + name, interrupted);
    }
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Resident memory in bytes. */
  long residentBytes() {
    try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      String line = lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
      return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The files of a folder that the node has open, also those that have lost their name. */
  List<Path> openFiles(Path folder) {
    try (var descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return descriptors
          .flatMap(each -> {
            try {
              return Stream.of(Files.readSymbolicLink(each));
            } catch (IOException closedMeanwhile) {
              return Stream.empty();
            }
          })
          .filter(target -> target.startsWith(folder))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Asks the node to stop (SIGTERM) and returns at once. */
  void terminate() {
    process.destroy();
  }

  /**
   * Waits for the end of a node that was asked to stop; kills it and fails when that takes too
   * long.
   */
  void awaitEnd() {
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(name + " did not stop within " + STOP_LIMIT + ":\n" + logTail());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + name + " stopped", interrupted);
    }
  }

  /** Ends the process without a chance to tidy up (SIGKILL). */
  void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while killing " + name, interrupted);
    }
  }

  /** Stops the node gracefully. */
  @Override
  public void close() {
    terminate();
    awaitEnd();
  }

  /** The lines of the node's log that have {@code text} in them. */
  List<String> logLines(String text) {
    try (var lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(text)).toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The file of what the node logs. */
  Path log() {
    return log;
  }

  /** The first line of its log. */
  String firstLogLine() {
    try (var lines = Files.lines(log)) {
      return lines.findFirst().orElse("");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The end of what the node logged. */
  String logTail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException failure) {
      return "(no log: " + failure.getMessage() + ")";
    }
  }
}
