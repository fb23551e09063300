package dev.fncluster.runner;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An engine that a test may stop and kill: a daemon of its own, beside the machine's. In a network
 * namespace of its own, for a daemon without a bridge removes the one that another daemon has made.
 */
final class OwnEngine implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Path folder;
  private final List<String> options;
  private final DockerClient client;
  private @Nullable Process containerd;
  private @Nullable Process process;

  private OwnEngine(Path folder, List<String> options) {
    this.folder = folder;
    this.options = options;
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(host())
            .withApiVersion("1.41")
            .build();
    client =
        DockerClientImpl.getInstance(
            config,
            new ApacheDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  /**
   * Starts one that has the image of the test function.
   *
   * @param options of its daemon, besides those about where it works
   */
  static OwnEngine start(String... options) throws Exception {
    OwnEngine engine = new OwnEngine(Files.createTempDirectory("engine"), List.of(options));
    engine.startContainerd();
    engine.startDaemon();
    engine.loadTestImage();
    return engine;
  }

  private void loadTestImage() throws Exception {
    try (DockerClient machine = TestImage.client()) {
      TestImage.ensure(machine);
      try (InputStream image = machine.saveImageCmd(TestImage.NAME).exec()) {
        client.loadImageCmd(image).exec();
      }
    }
  }

  /** Its address, for {@code DOCKER_HOST}. */
  String host() {
    return "unix://" + folder.resolve("docker.sock");
  }

  DockerClient client() {
    return client;
  }

  // By itself, as on most machines: containers live on when the daemon is killed.
  private void startContainerd() throws IOException {
    Path configuration = folder.resolve("containerd.toml");
    Files.writeString(
        configuration,
        """
        version = 2
        root = "%1$s/containerd"
        state = "%1$s/containerd-state"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
        address = "%1$s/containerd.sock"
        """
            .formatted(folder));
    containerd = run("containerd", "--config", configuration.toString());
    Awaitility.await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("containerd.sock")));
  }

  private Process run(String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }

  /** Starts the daemon and waits until it answers. */
  void startDaemon() throws IOException {
    Files.deleteIfExists(folder.resolve("docker.pid"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--net",
                "dockerd",
                "--containerd=" + folder.resolve("containerd.sock"),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("docker.pid"),
                "--host=" + host(),
                "--bridge=none",
                "--iptables=false"));
    command.addAll(options);
    process = run(command.toArray(String[]::new));
    Awaitility.await().atMost(LIMIT).until(this::answers);
  }

  private boolean answers() {
    try {
      client.pingCmd().exec();
      return true;
    } catch (RuntimeException notYet) {
      return false;
    }
  }

  /** Ends the daemon, with its containers as engines do, or at once without any care. */
  void stopDaemon(boolean gracefully) throws Exception {
    Process running = process;
    process = null;
    end(running, gracefully);
  }

  private static void end(@Nullable Process running, boolean gracefully) throws Exception {
    if (running == null) {
      return;
    }
    if (gracefully) {
      running.destroy();
    } else {
      running.destroyForcibly();
    }
    if (!running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      running.destroyForcibly().waitFor();
    }
  }

  @Override
  public void close() throws Exception {
    stopDaemon(true);
    end(containerd, true);
    client.close();
    // What a killed daemon leaves mounted: file systems of containers.
    new ProcessBuilder(
            "sh",
            "-c",
            "grep -o ' " + folder + "[^ ]*' /proc/self/mounts | sort -r | xargs -r umount -l")
        .inheritIO()
        .start()
        .waitFor();
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    }
  }
}
