package dev.fncluster.runner.docker.stats;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a container had used at one moment. Bytes; processor times in nanoseconds.
 *
 * @param systemCpu the time of all processors of the machine, in the engine's unit
 * @param processors how many processors the machine has
 */
record ContainerSample(
    long netReceived,
    long netSent,
    long diskRead,
    long diskWritten,
    long memoryLimit,
    long memoryUsed,
    long cpuTotal,
    long cpuUser,
    long cpuKernel,
    long systemCpu,
    int processors) {
  /** Percent of one processor that a container used between two samples. */
  record CpuUse(long total, long user, long kernel) {}

  /**
   * Reads an engine's answer; empty for one without a time, which was taken of no live container.
   */
  static Optional<ContainerSample> read(JsonNode stats) {
    if (stats.path("read").asText("").isEmpty()
        || stats.path("read").asText().startsWith("0001-01-01")) {
      return Optional.empty();
    }
    long received = 0;
    long sent = 0;
    for (JsonNode network : stats.path("networks")) {
      received += network.path("rx_bytes").asLong();
      sent += network.path("tx_bytes").asLong();
    }
    long read = 0;
    long written = 0;
    for (JsonNode entry : stats.path("blkio_stats").path("io_service_bytes_recursive")) {
      String operation = entry.path("op").asText();
      if (operation.equalsIgnoreCase("read")) {
        read += entry.path("value").asLong();
      } else if (operation.equalsIgnoreCase("write")) {
        written += entry.path("value").asLong();
      }
    }
    JsonNode memory = stats.path("memory_stats");
    JsonNode cpu = stats.path("cpu_stats");
    JsonNode usage = cpu.path("cpu_usage");
    // Engines on control groups v2 have no times per processor, only their number.
    int perCpu = usage.path("percpu_usage").size();
    return Optional.of(
        new ContainerSample(
            received,
            sent,
            read,
            written,
            memory.path("limit").asLong(),
            memory.path("usage").asLong(),
            usage.path("total_usage").asLong(),
            usage.path("usage_in_usermode").asLong(),
            usage.path("usage_in_kernelmode").asLong(),
            cpu.path("system_cpu_usage").asLong(),
            perCpu > 0 ? perCpu : cpu.path("online_cpus").asInt()));
  }

  /** What was used since {@code before}; nothing if the machine's own clock stood still. */
  CpuUse since(ContainerSample before) {
    long elapsed = systemCpu - before.systemCpu;
    return new CpuUse(
        percent(cpuTotal - before.cpuTotal, elapsed),
        percent(cpuUser - before.cpuUser, elapsed),
        percent(cpuKernel - before.cpuKernel, elapsed));
  }

  private long percent(long used, long elapsed) {
    return elapsed <= 0 || used <= 0 ? 0 : Math.round((double) used / elapsed * processors * 100);
  }
}
