package dev.fncluster.runner.resource;

import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a Linux machine, or the control group this process is confined to, has for
 * containers.
 *
 * <p>Reads files below a root directory that tests may choose.
 */
public final class MachineResources {
  private static final Logger log = LoggerFactory.getLogger(MachineResources.class);
  private static final long MEBIBYTE = 1024 * 1024;
  private static final long MIN_HEADROOM = 256 * MEBIBYTE;
  private static final long MAX_HEADROOM = 5120 * MEBIBYTE;
  private static final long WITHOUT_MEMINFO = 2048 * MEBIBYTE;

  private final Path root;

  /** Looks below {@code root}, normally {@code /}. */
  public MachineResources(Path root) {
    this.root = root;
  }

  /**
   * What containers may take together.
   *
   * @param maxMemory an upper bound in bytes; 0 for none
   * @param maxMilliCpus an upper bound; 0 for none
   * @throws SettingException when the machine has too little to run anything
   */
  public ResourceAmount detect(long maxMemory, int maxMilliCpus) {
    long memory = memory();
    if (maxMemory > 0) {
      memory = Math.min(memory, maxMemory);
    }
    long cpus = milliCpus();
    if (maxMilliCpus > 0) {
      cpus = Math.min(cpus, maxMilliCpus);
    }
    if (memory < MIN_HEADROOM) {
      log.atWarn().addKeyValue("bytes", memory).log("Little memory for functions: below 256 MiB");
    }
    if (cpus < 1000) {
      log.atWarn().addKeyValue("milli_cpus", cpus).log("Little CPU for functions: below one CPU");
    }
    return new ResourceAmount(memory, cpus);
  }

  private long memory() {
    OptionalLong available = memAvailable();
    if (available.isEmpty()) {
      return WITHOUT_MEMINFO;
    }
    long memory = available.getAsLong();
    memory = Math.min(memory, number("sys/fs/cgroup/memory/memory.limit_in_bytes").orElse(memory));
    memory = Math.min(memory, number("sys/fs/cgroup/memory.max").orElse(memory));
    long headroom = Math.clamp(memory / 10, MIN_HEADROOM, MAX_HEADROOM);
    if (memory <= headroom) {
      throw new SettingException(
          "this machine has "
              + memory / MEBIBYTE
              + " MiB of free memory; a runner needs more than "
              + headroom / MEBIBYTE
              + " MiB");
    }
    return memory - headroom;
  }

  private OptionalLong memAvailable() {
    Path file = root.resolve("proc/meminfo");
    if (!Files.exists(file)) {
      return OptionalLong.empty();
    }
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("MemAvailable:")) {
          String digits = line.replaceAll("[^0-9]", "");
          return OptionalLong.of(Long.parseLong(digits) * 1024);
        }
      }
    } catch (IOException | NumberFormatException e) {
      throw new SettingException("/proc/meminfo can't be read: " + e.getMessage());
    }
    throw new SettingException("/proc/meminfo has no MemAvailable; a kernel of 3.14 or later has");
  }

  private long milliCpus() {
    long cpus = Runtime.getRuntime().availableProcessors() * 1000L;
    OptionalLong quota = number("sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    OptionalLong period = number("sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (quota.isPresent()
        && period.isPresent()
        && quota.getAsLong() > 0
        && period.getAsLong() > 0) {
      cpus = Math.min(cpus, quota.getAsLong() * 1000 / period.getAsLong());
    }
    String[] both = text("sys/fs/cgroup/cpu.max").split("\\s+");
    if (both.length == 2 && !both[0].equals("max")) {
      cpus = Math.min(cpus, Long.parseLong(both[0]) * 1000 / Long.parseLong(both[1]));
    }
    return Math.max(1, cpus);
  }

  private OptionalLong number(String path) {
    String text = text(path);
    try {
      return text.isEmpty() || text.equals("max")
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      log.atWarn().addKeyValue("file", path).log("Not a number, ignored");
      return OptionalLong.empty();
    }
  }

  private String text(String path) {
    Path file = root.resolve(path);
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      log.atWarn().addKeyValue("file", path).setCause(e).log("Can't be read, ignored");
      return "";
    }
  }
}
