package dev.fncluster.runner.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both versions on files of the test's own. */
final class CgroupsTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @TempDir Path root;

  private Path file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    return Files.writeString(file, text);
  }

  private void version1() throws IOException {
    file(
        "proc/self/mountinfo",
        """
        31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct
        37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
        nonsense
        """);
  }

  private void version2() throws IOException {
    file(
        "proc/self/mountinfo",
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  }

  private CgroupFreezer freezer() {
    return Cgroups.in(root).freezer(ID).orElseThrow();
  }

  @Test
  void freezesInVersion1() throws Exception {
    version1();
    Path state = file("sys/fs/cgroup/freezer/docker/" + ID + "/freezer.state", "THAWED\n");
    CgroupFreezer freezer = freezer();
    assertThat(freezer.isFrozen()).isFalse();
    freezer.freeze();
    assertThat(Files.readString(state)).startsWith("FROZEN");
    assertThat(freezer.isFrozen()).isTrue();
    Files.writeString(state, "FREEZING\n");
    assertThat(freezer.isFrozen()).isTrue();
    freezer.thaw();
    assertThat(Files.readString(state)).startsWith("THAWED");
  }

  @Test
  void freezesInVersion2WithEitherNameOfTheGroup() throws Exception {
    version2();
    for (String group : new String[] {"system.slice/docker-" + ID + ".scope", "docker/" + ID}) {
      Path state = file("sys/fs/cgroup/" + group + "/cgroup.freeze", "0");
      CgroupFreezer freezer = freezer();
      freezer.freeze();
      assertThat(Files.readString(state)).isEqualTo("1");
      assertThat(freezer.isFrozen()).isTrue();
      freezer.thaw();
      assertThat(Files.readString(state)).isEqualTo("0");
      assertThat(freezer.isFrozen()).isFalse();
      Files.delete(state);
    }
  }

  @Test
  void findsGroupsElsewhereByAProcess() throws Exception {
    version1();
    file("proc/77/cgroup", "12:cpu,cpuacct:/x\n6:freezer:/pods/" + ID + "/inner\n0::/y\n");
    Path state = file("sys/fs/cgroup/freezer/pods/" + ID + "/freezer.state", "THAWED\n");
    Files.createDirectories(state.resolveSibling("inner"));
    assertThat(Cgroups.in(root).freezer(ID)).isEmpty();
    Cgroups.in(root).freezer(ID, 77).orElseThrow().freeze();
    assertThat(Files.readString(state)).startsWith("FROZEN");
  }

  @Test
  void doesNotTakeTheGroupOfAnotherProcessForAContainers() throws Exception {
    version2();
    file("proc/77/cgroup", "0::/system.slice/sshd.service\n");
    file("sys/fs/cgroup/system.slice/sshd.service/cgroup.freeze", "0");
    assertThat(Cgroups.in(root).freezer(ID, 77)).isEmpty();
    assertThat(Cgroups.in(root).freezer(ID, 78)).isEmpty();
    assertThat(Cgroups.none().freezer(ID, 77)).isEqualTo(Optional.empty());
  }

  @Test
  void doesNotMakeFilesForGroupsThatHaveGone() throws Exception {
    version2();
    Path state = file("sys/fs/cgroup/docker/" + ID + "/cgroup.freeze", "0");
    CgroupFreezer freezer = freezer();
    Files.delete(state);
    assertThatThrownBy(freezer::thaw).isInstanceOf(IOException.class);
    assertThat(state).doesNotExist();
  }

  @Test
  void knowsTheGroupsOfThisProcess() throws Exception {
    version1();
    file("proc/self/cgroup", "12:cpu,cpuacct:/a/b\n0::/\n");
    Path cpu = root.resolve("sys/fs/cgroup/cpu,cpuacct");
    Files.createDirectories(cpu.resolve("a/b"));
    assertThat(Cgroups.in(root).own("cpu"))
        .containsExactly(cpu.resolve("a/b"), cpu.resolve("a"), cpu);
  }

  @Test
  void knowsTheGroupsOfThisProcessInAContainer() throws Exception {
    // Version 1 without a namespace: the mount begins at the container's group.
    file(
        "proc/self/mountinfo",
        "37 31 0:34 /docker/me /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    file("proc/self/cgroup", "4:memory:/docker/me\n");
    Path memory = root.resolve("sys/fs/cgroup/memory");
    Files.createDirectories(memory);
    assertThat(Cgroups.in(root).own("memory")).containsExactly(memory);
    // Version 2 with one.
    version2();
    file("proc/self/cgroup", "0::/\n");
    assertThat(Cgroups.in(root).own("memory")).containsExactly(root.resolve("sys/fs/cgroup"));
  }
}
