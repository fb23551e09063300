package dev.fncluster.runner.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SocketDirectoriesTest {
  @TempDir Path base;

  private SocketDirectories open(boolean tmpfs, String options) throws IOException {
    return SocketDirectories.open(
        new SocketDirectories.Options(base.toString(), "", tmpfs, options));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(base)) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  /** What a process leaves that was killed: its directory, and a file that nobody has locked. */
  private Path leftBehind(String owner) throws IOException {
    Files.createFile(base.resolve(owner + ".lock"));
    Path left = Files.createDirectory(base.resolve(owner + "-1234"));
    Files.createFile(left.resolve("lsnr.sock"));
    return left;
  }

  @Test
  void leavesNothing() throws Exception {
    try (SocketDirectories directories = open(false, "")) {
      directories.create().delete();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void removesWhatTheDeadHaveLeftAndNothingElse() throws Exception {
    Path left = leftBehind("iofs00aa11");
    Path foreign = Files.createDirectory(base.resolve("iofs-of-somebody"));
    Path link = Files.createSymbolicLink(base.resolve("iofs00aa11-link"), foreign);
    try (SocketDirectories living = open(false, "")) {
      SocketDirectory used = living.create();
      try (SocketDirectories second = open(false, "")) {
        assertThat(left).doesNotExist();
        assertThat(used.path()).as("of a living one").exists();
        assertThat(foreign).exists();
        assertThat(Files.isSymbolicLink(link)).isTrue();
      }
      used.delete();
    }
    assertThat(names()).containsExactly("iofs-of-somebody", "iofs00aa11-link");
  }

  @Test
  void aFolderThatIsTooDeepIsNamed() throws Exception {
    Path deep = Files.createDirectories(base.resolve("d".repeat(90)));
    try (SocketDirectories directories =
        SocketDirectories.open(new SocketDirectories.Options(deep.toString(), "", false, ""))) {
      assertThatThrownBy(directories::create)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("FN_IOFS_PATH");
    }
    try (Stream<Path> all = Files.list(deep)) {
      assertThat(all).isEmpty();
    }
  }

  @Test
  @Tag("docker") // As an engine, it needs the rights of root.
  void mountsAFileSystemOfItsOwn() throws Exception {
    SocketDirectories crashed = open(true, "size=64k,mode=0777");
    SocketDirectory directory = crashed.create();
    assertThat(Files.getFileStore(directory.path()).type()).isEqualTo("tmpfs");
    assertThatThrownBy(() -> Files.write(directory.path().resolve("big"), new byte[1 << 20]))
        .isInstanceOf(IOException.class);
    SocketDirectory left = crashed.create();
    directory.delete();
    assertThat(directory.path()).doesNotExist();
    Path lock = base.resolve(names().getLast());
    crashed.close();
    Files.createFile(lock);

    try (SocketDirectories next = open(true, "")) {
      assertThat(next).isNotNull();
      assertThat(left.path()).as("what was left mounted").doesNotExist();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  @Tag("docker")
  void badMountOptionsAreAnErrorThatLeavesNothing() throws Exception {
    try (SocketDirectories directories = open(true, "no_such_option=1")) {
      assertThatThrownBy(directories::create)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("can't mount a tmpfs");
    }
    assertThat(names()).isEmpty();
  }
}
