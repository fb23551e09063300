package dev.fncluster.runner;

import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.container.ContainerStarter.LaunchPhase;
import dev.fncluster.runner.container.ContainerStarter.SocketWait;
import dev.fncluster.runner.container.ContainerState;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.PerFunction;
import dev.fncluster.stats.Recorder;
import dev.fncluster.stats.UpDownGauge;
import dev.fncluster.stats.ViewRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** What the runner agent counts. Thread-safe, lock-free once a function is known. */
final class RunnerStats {
  private static final Kind OTHER =
      new Kind(PerFunction.OTHER, PerFunction.OTHER, PerFunction.OTHER);
  private static final int MOST_KINDS = 1_000;

  private record Kind(String appId, String fnId, String image) {}

  private final ViewRegistry registry;
  private final int mostKinds;
  private final Map<LaunchPhase, Recorder> launches = new EnumMap<>(LaunchPhase.class);
  private final Map<Kind, ContainerStarter.Observer> observers = new ConcurrentHashMap<>();

  final AgentMeters calls;
  private final Recorder cpuUsed;
  private final Recorder cpuAvailable;
  private final Recorder memoryUsed;
  private final Recorder memoryAvailable;

  RunnerStats(ViewRegistry registry, AgentMeters calls) {
    this(registry, calls, MOST_KINDS);
  }

  RunnerStats(ViewRegistry registry, AgentMeters calls, int mostKinds) {
    this.registry = registry;
    this.mostKinds = mostKinds;
    for (LaunchPhase phase : LaunchPhase.values()) {
      launches.put(
          phase,
          registry.recorder(RunnerViews.LAUNCH_LATENCY, RunnerViews.PHASE.getName(), name(phase)));
    }
    this.calls = calls;
    cpuUsed = registry.recorder(RunnerViews.CPU_USED);
    cpuAvailable = registry.recorder(RunnerViews.CPU_AVAILABLE);
    memoryUsed = registry.recorder(RunnerViews.MEMORY_USED);
    memoryAvailable = registry.recorder(RunnerViews.MEMORY_AVAILABLE);
  }

  void utilisation(ResourceAmount used, ResourceAmount total) {
    cpuUsed.record(used.milliCpus());
    cpuAvailable.record(total.milliCpus() - used.milliCpus());
    memoryUsed.record(used.memory());
    memoryAvailable.record(total.memory() - used.memory());
  }

  void evicted(ContainerSpec spec, ContainerState state) {
    Kind kind = limited(new Kind(spec.appId(), spec.fnId(), spec.image()));
    registry
        .recorder(
            RunnerViews.EVICTIONS,
            RunnerViews.CONTAINER_STATE.getName(),
            name(state),
            RunnerViews.APP_ID.getName(),
            kind.appId(),
            RunnerViews.FN_ID.getName(),
            kind.fnId(),
            RunnerViews.IMAGE_NAME.getName(),
            kind.image())
        .increment();
  }

  /** Counts containers of one function by state, and how long they stay in each. */
  ContainerStarter.Observer container(String appId, String fnId, String image) {
    return observers.computeIfAbsent(limited(new Kind(appId, fnId, image)), this::observer);
  }

  // Rows of metrics never go away.
  private Kind limited(Kind kind) {
    return observers.containsKey(kind) || observers.size() < mostKinds ? kind : OTHER;
  }

  private ContainerStarter.Observer observer(Kind kind) {
    String[] tags = {
      RunnerViews.APP_ID.getName(), kind.appId(),
      RunnerViews.FN_ID.getName(), kind.fnId(),
      RunnerViews.IMAGE_NAME.getName(), kind.image()
    };
    Map<ContainerState, UpDownGauge> now = new EnumMap<>(ContainerState.class);
    Map<ContainerState, Recorder> stays = new EnumMap<>(ContainerState.class);
    for (ContainerState state : ContainerState.values()) {
      if (state != ContainerState.DONE) {
        String name = name(state);
        now.put(state, registry.upDown(RunnerViews.stateCount(name), tags));
        stays.put(state, registry.recorder(RunnerViews.stateDuration(name), tags));
      }
    }
    Map<SocketWait, Recorder> waits = new EnumMap<>(SocketWait.class);
    for (SocketWait end : SocketWait.values()) {
      waits.put(
          end,
          registry.recorder(
              RunnerViews.INIT_LATENCY,
              RunnerViews.SOCKET_STATE.getName(),
              name(end),
              RunnerViews.APP_ID.getName(),
              kind.appId(),
              RunnerViews.FN_ID.getName(),
              kind.fnId(),
              RunnerViews.IMAGE_NAME.getName(),
              kind.image()));
    }
    return new Counting(now, stays, waits, launches);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private record Counting(
      Map<ContainerState, UpDownGauge> now,
      Map<ContainerState, Recorder> stays,
      Map<SocketWait, Recorder> waits,
      Map<LaunchPhase, Recorder> launches)
      implements ContainerStarter.Observer {
    @Override
    public void waitedForSocket(SocketWait end, long nanos) {
      Objects.requireNonNull(waits.get(end)).record(nanos / 1_000_000);
    }

    @Override
    public void phaseEnded(LaunchPhase phase, long nanos) {
      Objects.requireNonNull(launches.get(phase)).record(nanos / 1_000_000);
    }

    @Override
    public void entered(ContainerState first) {
      gauge(first).increment();
    }

    @Override
    public void moved(ContainerState from, ContainerState to, long nanos) {
      gauge(from).decrement();
      Recorder stay = stays.get(from);
      if (stay != null) {
        stay.record(nanos / 1_000_000);
      }
      if (to != ContainerState.DONE) {
        gauge(to).increment();
      }
    }

    private UpDownGauge gauge(ContainerState state) {
      UpDownGauge gauge = now.get(state);
      if (gauge == null) {
        throw new IllegalStateException("containers that are done are not counted");
      }
      return gauge;
    }
  }
}
