package dev.fncluster.runner;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Builds the image of {@link TestFunction} without any registry: from the JDK that runs the tests,
 * and the C libraries that this very process has loaded.
 */
final class TestImage {
  /** The name of the image, which changes with what is in it. */
  static final String NAME = "fn-cluster/runner-test-function:2-" + digest();

  private TestImage() {}

  /** A client of the engine, for looking at what the runner made of it. */
  static DockerClient client() {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder().withApiVersion("1.41").build();
    return DockerClientImpl.getInstance(
        config, new ApacheDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  /** Where the engine of the tests listens. */
  static Path engineSocket() {
    return Path.of(
        DefaultDockerClientConfig.createDefaultConfigBuilder().build().getDockerHost().getPath());
  }

  /** Builds the image unless it is there. */
  static void ensure(DockerClient docker) throws Exception {
    try {
      docker.inspectImageCmd(NAME).exec();
      return;
    } catch (NotFoundException e) {
      // The first run with this function.
    }
    Path context = Files.createTempDirectory("test-image");
    try {
      Path root = context.resolve("root");
      Path function = root.resolve("function/dev/fncluster/runner");
      Files.createDirectories(function);
      // No folder for temporary files: the one that is mounted would get its rights, which do not
      // survive the way into the image.
      copyClass(function);
      copyLibraries(root);
      jlink(root.resolve("java"));
      Files.writeString(
          context.resolve("Dockerfile"),
          """
          FROM scratch
          COPY root /
          ENTRYPOINT ["/java/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx64m", "-cp", "/function", "dev.fncluster.runner.TestFunction"]
          """);
      docker
          .buildImageCmd(context.toFile())
          .withTags(Set.of(NAME))
          .exec(new BuildImageResultCallback())
          .awaitImageId(5, TimeUnit.MINUTES);
    } finally {
      delete(context);
    }
  }

  private static String digest() {
    try (InputStream in = function()) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InputStream function() {
    return Objects.requireNonNull(
        TestFunction.class.getResourceAsStream(TestFunction.class.getSimpleName() + ".class"));
  }

  private static void copyClass(Path to) throws IOException {
    String name = TestFunction.class.getSimpleName() + ".class";
    try (InputStream in = function()) {
      Files.copy(in, to.resolve(name));
    }
  }

  private static void copyLibraries(Path root) throws IOException {
    Set<Path> libraries = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int slash = line.indexOf('/');
      if (slash > 0) {
        Path file = Path.of(line.substring(slash));
        String name = file.getFileName().toString();
        if (name.matches("(libc|libm|libdl|libpthread|librt|libz)\\.so.*|ld-linux.*|ld-2.*")) {
          libraries.add(file);
        }
      }
    }
    // What the loader asks for by name although it is part of the C library by now.
    for (Path each : List.copyOf(libraries)) {
      for (String other :
          List.of("libdl.so.2", "libpthread.so.0", "librt.so.1", "libm.so.6", "libz.so.1")) {
        Path beside = each.resolveSibling(other);
        if (Files.exists(beside)) {
          libraries.add(beside);
        }
      }
    }
    for (Path library : libraries) {
      String name = library.getFileName().toString();
      String soname = name.startsWith("libz.so") ? "libz.so.1" : name;
      copy(library, root.resolve("lib").resolve(soname));
      if (name.startsWith("ld-linux")) {
        copy(library, root.resolve("lib64").resolve(name));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    if (!Files.exists(to)) {
      Files.copy(from.toRealPath(), to);
    }
  }

  private static void jlink(Path to) throws IOException, InterruptedException {
    Process jlink =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
                "--add-modules",
                "java.base",
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--generate-cds-archive",
                "--output",
                to.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!jlink.waitFor(3, TimeUnit.MINUTES) || jlink.exitValue() != 0) {
      throw new IOException("jlink failed");
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
