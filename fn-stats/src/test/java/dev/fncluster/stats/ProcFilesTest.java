package dev.fncluster.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcFilesTest {
  @TempDir private Path root;
  private ProcFiles files = new ProcFiles(Path.of("/nowhere"));

  @BeforeEach
  void aMachine() throws IOException {
    files = new ProcFiles(root);
    write("stat", "cpu 1 2 3\nbtime 1700000000\n");
    write("42/cmdline", "/usr/sbin/dockerd\0--host\0");
    write(
        "42/stat",
        "42 (odd ) name) S 1 1 1 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 9 0 1234 1000 10 0\n");
    write("42/status", "Name:\tdockerd\nVmSize:\t    2000 kB\nVmRSS:\t     100 kB\n");
    write(
        "42/limits",
        "Limit  Soft Limit  Hard Limit  Units\nMax open files   1024   4096   files\n");
    write("42/fd/0", "");
    write("42/fd/1", "");
  }

  @Test
  void readsWhatAProcessUses() {
    assertThat(files.use("42"))
        .contains(
            new ProcessUse(
                2, 1_700_000_012.34, 2_048_000, 102_400, Optional.of(2L), Optional.of(1024L)));
  }

  @Test
  void findsAProcessByItsCommand() {
    assertThat(files.find("dockerd")).contains("42");
    assertThat(files.find("docker")).isEmpty();
    assertThat(files.isNamed("42", "dockerd")).isTrue();
    assertThat(files.isNamed("43", "dockerd")).isFalse();
  }

  @Test
  void whatCannotBeReadIsEmpty() throws IOException {
    assertThat(files.use("43")).isEmpty();
    assertThat(new ProcFiles(root.resolve("none")).find("dockerd")).isEmpty();
    write("42/limits", "Max open files   unlimited   unlimited   files\n");
    assertThat(files.use("42").orElseThrow().maxFiles()).isEmpty();
    write("42/stat", "42 (gone");
    assertThat(files.use("42")).isEmpty();
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
