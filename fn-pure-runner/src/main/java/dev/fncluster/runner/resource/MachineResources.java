package dev.fncluster.runner.resource;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.runner.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  private static final String ALLOWED = "Cpus_allowed_list:";
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
    // The limits of all groups above hold as well.
    for (Path group : Cgroups.in(root).own("memory")) {
      memory = Math.min(memory, number(group.resolve("memory.limit_in_bytes")).orElse(memory));
      memory = Math.min(memory, number(group.resolve("memory.max")).orElse(memory));
    }
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
    long cpus = processors() * 1000L;
    for (Path group : Cgroups.in(root).own("cpu")) {
      cpus =
          quota(
              cpus,
              number(group.resolve("cpu.cfs_quota_us")),
              number(group.resolve("cpu.cfs_period_us")));
      String[] both = text(group.resolve("cpu.max")).split("\\s+", -1);
      if (both.length == 2) {
        cpus = quota(cpus, parse(both[0], group), parse(both[1], group));
      }
    }
    return Math.max(1, cpus);
  }

  private static long quota(long cpus, OptionalLong quota, OptionalLong period) {
    if (quota.isEmpty() || period.isEmpty() || quota.getAsLong() <= 0 || period.getAsLong() <= 0) {
      return cpus;
    }
    return Math.min(cpus, quota.getAsLong() * 1000 / period.getAsLong());
  }

  /** The processors of the machine that this process may use. */
  private int processors() {
    int all = 0;
    for (String line : lines("proc/cpuinfo")) {
      if (line.matches("processor\\s*:.*")) {
        all++;
      }
    }
    if (all == 0) {
      all = Runtime.getRuntime().availableProcessors();
    }
    for (String line : lines("proc/self/status")) {
      if (line.startsWith(ALLOWED)) {
        int allowed = count(line.substring(ALLOWED.length()).strip());
        return allowed == 0 ? all : Math.min(all, allowed);
      }
    }
    return all;
  }

  /** How many numbers a list such as {@code 0-3,8} names. */
  private static int count(String list) {
    int count = 0;
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      try {
        int first = Integer.parseInt(ends[0].strip());
        count += ends.length == 1 ? 1 : Integer.parseInt(ends[1].strip()) - first + 1;
      } catch (NumberFormatException e) {
        log.atWarn().addKeyValue("list", list).log("Not a list of processors, ignored");
        return 0;
      }
    }
    return count;
  }

  private OptionalLong number(Path file) {
    return parse(text(file), file);
  }

  private static OptionalLong parse(String text, Path file) {
    try {
      return text.isEmpty() || text.equals("max")
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      log.atWarn().addKeyValue("file", file).log("Not a number, ignored");
      return OptionalLong.empty();
    }
  }

  private List<String> lines(String path) {
    return text(root.resolve(path)).lines().toList();
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      log.atWarn().addKeyValue("file", file).setCause(e).log("Can't be read, ignored");
      return "";
    }
  }
}
