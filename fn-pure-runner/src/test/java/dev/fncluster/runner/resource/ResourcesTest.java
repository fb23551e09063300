package dev.fncluster.runner.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.model.Call;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResourcesTest {
  private static final long MEBIBYTE = 1024 * 1024;

  @TempDir Path root;

  @Test
  void reservesUntilItIsFull() {
    ResourceTracker tracker = new ResourceTracker(new ResourceAmount(100, 10));
    Reservation all = Objects.requireNonNull(tracker.reserve(new ResourceAmount(100, 1)));
    assertThat(tracker.reserve(new ResourceAmount(1, 0))).isNull();
    assertThat(tracker.reserve(new ResourceAmount(0, 9))).isNotNull();
    all.release();
    all.release();
    assertThat(tracker.used()).isEqualTo(new ResourceAmount(0, 9));
    assertThat(tracker.reserve(new ResourceAmount(0, 2))).isNull();
  }

  @Test
  void countsTmpfsAsMemoryAndNeverWrapsAround() {
    assertThat(ResourceAmount.of(new Call().memory(2).tmpfsSize(3).cpus(4)))
        .isEqualTo(new ResourceAmount(5 * MEBIBYTE, 4));
    ResourceAmount absurd = ResourceAmount.of(new Call().memory(-1).tmpfsSize(0xFFFF_FFFFL));
    assertThat(absurd.memory()).isGreaterThan(1L << 60);
    assertThat(absurd.fitsInto(new ResourceAmount(1L << 50, 1))).isFalse();
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private ResourceAmount detect() {
    return new MachineResources(root).detect(0, 0);
  }

  @Test
  void keepsHeadroomForTheMachine() throws Exception {
    file("proc/meminfo", "MemTotal: 1 kB\nMemAvailable:    8388608 kB\n");
    assertThat(detect().memory()).isEqualTo(8192 * MEBIBYTE - 8192 * MEBIBYTE / 10);
    file("proc/meminfo", "MemAvailable: 1048576 kB\n");
    assertThat(detect().memory()).isEqualTo((1024 - 256) * MEBIBYTE);
    file("proc/meminfo", "MemAvailable: 104857600 kB\n");
    assertThat(detect().memory()).isEqualTo((102400 - 5120) * MEBIBYTE);
  }

  @Test
  void staysWithinControlGroupsOfVersion1() throws Exception {
    file("proc/meminfo", "MemAvailable: 104857600 kB\n");
    file(
        "proc/self/mountinfo",
        """
        32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """);
    file("proc/self/cgroup", "2:cpu,cpuacct:/\n1:memory:/services/runner\n0::/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/services/runner/memory.limit_in_bytes", "9223372036854771712\n");
    // The group above limits it as well.
    file("sys/fs/cgroup/memory/services/memory.limit_in_bytes", Long.toString(2048 * MEBIBYTE));
    file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "25000");
    file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
    assertThat(detect()).isEqualTo(new ResourceAmount((2048 - 256) * MEBIBYTE, 250));
    assertThat(new MachineResources(root).detect(7 * MEBIBYTE, 100))
        .isEqualTo(new ResourceAmount(7 * MEBIBYTE, 100));
    file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
    assertThat(detect().milliCpus()).isGreaterThanOrEqualTo(1000);
  }

  @Test
  void staysWithinControlGroupsOfVersion2() throws Exception {
    file("proc/meminfo", "MemAvailable: 104857600 kB\n");
    file("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    file("proc/self/cgroup", "0::/system.slice/runner.service\n");
    file("sys/fs/cgroup/system.slice/runner.service/memory.max", "max\n");
    file("sys/fs/cgroup/system.slice/memory.max", Long.toString(1024 * MEBIBYTE));
    file("sys/fs/cgroup/system.slice/runner.service/cpu.max", "50000 100000\n");
    assertThat(detect()).isEqualTo(new ResourceAmount((1024 - 256) * MEBIBYTE, 500));
    file("sys/fs/cgroup/system.slice/runner.service/cpu.max", "max 100000\n");
    assertThat(detect().milliCpus()).isGreaterThanOrEqualTo(1000);
  }

  @Test
  void knowsItsLimitsInsideAContainer() throws Exception {
    file("proc/meminfo", "MemAvailable: 104857600 kB\n");
    // Version 2, with a namespace: the container's group is the top of what is mounted.
    file("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 ro\n");
    file("proc/self/cgroup", "0::/\n");
    file("sys/fs/cgroup/memory.max", Long.toString(1024 * MEBIBYTE));
    file("sys/fs/cgroup/cpu.max", "150000 100000\n");
    file("proc/cpuinfo", "processor\t: 0\nprocessor\t: 1\nprocessor\t: 2\n");
    assertThat(detect()).isEqualTo(new ResourceAmount((1024 - 256) * MEBIBYTE, 1500));
    // Version 1, without one: the host's name of the group, mounted at the top.
    file(
        "proc/self/mountinfo",
        "35 31 0:32 /docker/me /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory\n");
    file("proc/self/cgroup", "4:memory:/docker/me\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", Long.toString(512 * MEBIBYTE));
    assertThat(detect()).isEqualTo(new ResourceAmount((512 - 256) * MEBIBYTE, 3000));
  }

  @Test
  void countsTheProcessorsItMayUse() throws Exception {
    file("proc/meminfo", "MemAvailable: 8388608 kB\n");
    file("proc/cpuinfo", "processor\t: 0\nmodel name\t: x\nprocessor\t: 1\nprocessor : 2\n");
    assertThat(detect().milliCpus()).isEqualTo(3000);
    file("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0,2-3\n");
    assertThat(detect().milliCpus()).isEqualTo(3000);
    file("proc/self/status", "Cpus_allowed_list:\t1-2\n");
    assertThat(detect().milliCpus()).isEqualTo(2000);
    file("proc/self/status", "Cpus_allowed_list:\tnonsense\n");
    assertThat(detect().milliCpus()).isEqualTo(3000);
  }

  @Test
  void refusesMachinesWithoutMemory() throws Exception {
    file("proc/meminfo", "MemAvailable: 100000 kB\n");
    assertThatThrownBy(this::detect).isInstanceOf(SettingException.class);
    file("proc/meminfo", "MemFree: 100000 kB\n");
    assertThatThrownBy(this::detect).isInstanceOf(SettingException.class);
  }
}
