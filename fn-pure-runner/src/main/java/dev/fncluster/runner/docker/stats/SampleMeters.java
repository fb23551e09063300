package dev.fncluster.runner.docker.stats;

import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.stats.PerFunction;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.ViewRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where samples of containers are recorded, told apart as far as the views ask for it. Rows of
 * metrics never go away, so functions beyond a limit are recorded together. Thread-safe.
 */
final class SampleMeters {
  private static final int MOST_KINDS = 1_000;
  private static final Kind OTHER =
      new Kind(PerFunction.OTHER, PerFunction.OTHER, PerFunction.OTHER);

  private final ViewRegistry registry;
  private final int mostKinds;
  private final @Nullable OfKind ofAll;
  private final Map<Kind, OfKind> known = new ConcurrentHashMap<>();

  private record Kind(String appId, String fnId, String image) {}

  SampleMeters(ViewRegistry registry) {
    this(registry, MOST_KINDS);
  }

  SampleMeters(ViewRegistry registry, int mostKinds) {
    this.registry = registry;
    this.mostKinds = mostKinds;
    boolean oneRow =
        StatsViews.MEASURES.stream().allMatch(measure -> registry.columns(measure).isEmpty());
    this.ofAll = oneRow ? new OfKind(registry, OTHER) : null;
  }

  /** Those for that container. */
  OfKind of(ContainerSpec spec) {
    return ofAll == null ? told(spec) : ofAll;
  }

  private OfKind told(ContainerSpec spec) {
    Kind kind = new Kind(spec.appId(), spec.fnId(), spec.image());
    Kind limited = known.containsKey(kind) || known.size() < mostKinds ? kind : OTHER;
    return known.computeIfAbsent(limited, key -> new OfKind(registry, key));
  }

  /** The recorders for containers of one function. */
  static final class OfKind {
    private final Recorder netReceived;
    private final Recorder netSent;
    private final Recorder diskRead;
    private final Recorder diskWritten;
    private final Recorder memoryLimit;
    private final Recorder memoryUsed;
    private final Recorder cpuTotal;
    private final Recorder cpuUser;
    private final Recorder cpuKernel;

    private OfKind(ViewRegistry registry, Kind kind) {
      String[] tags = {
        StatsViews.APP_ID.getName(), kind.appId(),
        StatsViews.FN_ID.getName(), kind.fnId(),
        StatsViews.IMAGE_NAME.getName(), kind.image()
      };
      netReceived = registry.recorder(StatsViews.NET_RX, tags);
      netSent = registry.recorder(StatsViews.NET_TX, tags);
      diskRead = registry.recorder(StatsViews.DISK_READ, tags);
      diskWritten = registry.recorder(StatsViews.DISK_WRITE, tags);
      memoryLimit = registry.recorder(StatsViews.MEM_LIMIT, tags);
      memoryUsed = registry.recorder(StatsViews.MEM_USAGE, tags);
      cpuTotal = registry.recorder(StatsViews.CPU_TOTAL, tags);
      cpuUser = registry.recorder(StatsViews.CPU_USER, tags);
      cpuKernel = registry.recorder(StatsViews.CPU_KERNEL, tags);
    }

    /**
     * A container was sampled.
     *
     * @param before the sample before; null for the first one, which says nothing of processors
     */
    void record(ContainerSample sample, @Nullable ContainerSample before) {
      netReceived.record(sample.netReceived());
      netSent.record(sample.netSent());
      diskRead.record(sample.diskRead());
      diskWritten.record(sample.diskWritten());
      memoryLimit.record(sample.memoryLimit());
      memoryUsed.record(sample.memoryUsed());
      if (before != null) {
        ContainerSample.CpuUse use = sample.since(before);
        cpuTotal.record(use.total());
        cpuUser.record(use.user());
        cpuKernel.record(use.kernel());
      }
    }
  }
}
