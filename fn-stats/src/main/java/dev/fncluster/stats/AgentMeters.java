package dev.fncluster.stats;

/**
 * Where an agent counts its calls. Thread-safe, lock-free.
 *
 * @param queued calls that wait
 * @param running calls that are executed
 * @param calls every call, also one that is refused
 * @param completed calls that ended well
 * @param canceled calls whose client left
 * @param timeouts calls that took too long
 * @param errors calls that failed in any other way
 * @param serverBusy calls that were refused for lack of room
 */
public record AgentMeters(
    UpDownGauge queued,
    UpDownGauge running,
    Recorder calls,
    Recorder completed,
    Recorder canceled,
    Recorder timeouts,
    Recorder errors,
    Recorder serverBusy) {
  /** Those of {@code registry}, which must know {@link AgentViews} by now. */
  public static AgentMeters of(ViewRegistry registry) {
    return new AgentMeters(
        registry.upDown("queued", "calls currently queued against agent"),
        registry.upDown("running", "calls currently running in agent"),
        registry.recorder(AgentViews.CALLS),
        registry.recorder(AgentViews.COMPLETED),
        registry.recorder(AgentViews.CANCELED),
        registry.recorder(AgentViews.TIMEOUTS),
        registry.recorder(AgentViews.ERRORS),
        registry.recorder(AgentViews.SERVER_BUSY));
  }
}
