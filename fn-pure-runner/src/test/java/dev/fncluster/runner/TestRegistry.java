package dev.fncluster.runner;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A registry of Debian's {@code docker-registry}, which asks for a user and a password. */
final class TestRegistry implements AutoCloseable {
  static final String USER = "someone";
  static final String PASSWORD = "se:cret";

  private final Path folder;
  private final Process process;
  private final String host;

  private TestRegistry(Path folder, Process process, String host) {
    this.folder = folder;
    this.process = process;
    this.host = host;
  }

  static TestRegistry start() throws Exception {
    Path folder = Files.createTempDirectory("registry");
    int port = FreePorts.next();
    Path passwords = folder.resolve("htpasswd");
    Process made =
        new ProcessBuilder("htpasswd", "-Bbn", USER, PASSWORD)
            .redirectOutput(passwords.toFile())
            .start();
    if (made.waitFor() != 0) {
      throw new IOException("htpasswd failed");
    }
    Path configuration = folder.resolve("config.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        log: {level: warn}
        storage:
          filesystem: {rootdirectory: %s}
        http: {addr: "127.0.0.1:%d", secret: test}
        auth:
          htpasswd: {realm: test, path: %s}
        """
            .formatted(folder.resolve("data"), port, passwords));
    Process process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    TestRegistry registry = new TestRegistry(folder, process, "127.0.0.1:" + port);
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(registry::asksForAPassword);
    return registry;
  }

  private boolean asksForAPassword() {
    try {
      HttpURLConnection asked =
          (HttpURLConnection) URI.create("http://" + host + "/v2/").toURL().openConnection();
      return asked.getResponseCode() == 401;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Its host and port, as they begin the names of its images. */
  String host() {
    return host;
  }

  /** What the Docker client's configuration says of it. */
  String configuration(String password) {
    String auth =
        Base64.getEncoder()
            .encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
    return "{\"auths\":{\"http://" + host + "\":{\"auth\":\"" + auth + "\"}}}";
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.delete(each);
      }
    }
  }
}
