package dev.fncluster.stats;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what libraries measure agree with the customs of Prometheus: names and descriptions. */
final class TidyNames implements MeterFilter {
  private static final Map<String, String> NAMES = Map.of("system.cpu.count", "system.cpus");
  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "netty.allocator.memory.used", "memory that the allocator of buffers has taken",
          "netty.eventexecutor.tasks.pending", "tasks that wait in an event loop");

  @Override
  public Meter.Id map(Meter.Id id) {
    @Nullable String description = DESCRIPTIONS.getOrDefault(id.getName(), id.getDescription());
    return new Meter.Id(
        NAMES.getOrDefault(id.getName(), id.getName()),
        Tags.of(id.getTags()),
        id.getBaseUnit(),
        description,
        id.getType());
  }
}
