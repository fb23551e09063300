package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/** One process that is everything, with a folder and a label tag of its own. */
final class FullNode implements AutoCloseable {
  private final Path folder;
  private final String labelTag;
  private final NodeProcess process;

  private FullNode(Path folder, String labelTag, NodeProcess process) {
    this.folder = folder;
    this.labelTag = labelTag;
    this.process = process;
  }

  /** Starts one and waits until it is ready; {@code more} are settings of its test. */
  static FullNode start(String name, Map<String, String> more) {
    try {
      // Short, for the path of a Unix socket has a limit of 107 bytes.
      Path folder = Files.createTempDirectory("fn-st");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      String labelTag = "system-test-" + name + "-" + ProcessHandle.current().pid();
      Map<String, String> settings = new HashMap<>(more);
      settings.put("FN_DB_URL", "sqlite3://" + folder.resolve("fn.db"));
      settings.put("FN_IOFS_PATH", Files.createDirectory(folder.resolve("s")).toString());
      settings.put("FN_CONTAINER_LABEL_TAG", labelTag);
      FullNode node = new FullNode(folder, labelTag, NodeProcess.start(name, settings));
      try {
        node.process.awaitReady();
        return node;
      } catch (RuntimeException | AssertionError failure) {
        node.process.kill();
        node.clean();
        throw failure;
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  NodeProcess process() {
    return process;
  }

  FnClient client() {
    return new FnClient(process, process);
  }

  String labelTag() {
    return labelTag;
  }

  private void clean() throws IOException {
    Containers.removeAll(labelTag);
    Folders.delete(folder);
  }

  /** Stops it; fails if it has left a container. */
  @Override
  public void close() throws IOException {
    try {
      process.close();
      assertThat(Containers.ofTag(labelTag)).as("containers after the stop").isEmpty();
    } finally {
      clean();
    }
  }
}
