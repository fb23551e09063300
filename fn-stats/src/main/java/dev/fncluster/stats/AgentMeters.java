package dev.fncluster.stats;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;

/** Where an agent counts its calls. Thread-safe, lock-free. */
public final class AgentMeters {
  private final UpDownGauge queued;
  private final UpDownGauge running;
  private final PerFunction<Counts> counts;

  /**
   * What is counted once a call.
   *
   * @param calls every call, also one that is refused
   * @param completed calls that ended well
   * @param canceled calls whose client left
   * @param timeouts calls that took too long
   * @param errors calls that failed in any other way
   * @param serverBusy calls that were refused for lack of room
   */
  public record Counts(
      Recorder calls,
      Recorder completed,
      Recorder canceled,
      Recorder timeouts,
      Recorder errors,
      Recorder serverBusy) {
    private Counts(Recorders recorders) {
      this(
          recorders.recorder(AgentViews.CALLS),
          recorders.recorder(AgentViews.COMPLETED),
          recorders.recorder(AgentViews.CANCELED),
          recorders.recorder(AgentViews.TIMEOUTS),
          recorders.recorder(AgentViews.ERRORS),
          recorders.recorder(AgentViews.SERVER_BUSY));
    }
  }

  private AgentMeters(ViewRegistry gauges, ViewRegistry counters) {
    queued = gauges.upDown("queued", "calls currently queued against agent");
    running = gauges.upDown("running", "calls currently running in agent");
    counts = PerFunction.create(counters, AgentViews.MEASURES, List.of(), Counts::new);
  }

  /** Those of {@code registry}, which must know {@link AgentViews} by now. */
  public static AgentMeters of(ViewRegistry registry) {
    return new AgentMeters(registry, registry);
  }

  /**
   * Those of an agent that is not the only one of its node: what waits and what is executed is told
   * by {@code registry}, and its calls are counted by the other agent.
   */
  public static AgentMeters onlyGauges(ViewRegistry registry) {
    return new AgentMeters(registry, nowhere());
  }

  /** Those of the other agent: its calls are counted in {@code registry}, and nothing else is. */
  public static AgentMeters onlyCounters(ViewRegistry registry) {
    return new AgentMeters(nowhere(), registry);
  }

  private static ViewRegistry nowhere() {
    return new ViewRegistry(new SimpleMeterRegistry());
  }

  /** Calls that wait. */
  public UpDownGauge queued() {
    return queued;
  }

  /** Calls that are executed. */
  public UpDownGauge running() {
    return running;
  }

  /** Where calls of that function are counted. */
  public Counts of(String appId, String fnId) {
    return counts.of(appId, fnId);
  }
}
