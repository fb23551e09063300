package dev.fncluster.runnerpool;

/** What a {@link PlacementPolicy} may know of a runner. */
public interface RunnerView {
  /**
   * Identifies the runner as long as it is in its pool, and again when it comes back; usually
   * {@code host:port}. Two runners of one pool never have the same.
   */
  String address();

  /**
   * How many calls this load balancer has under way on it, at about this moment; never negative.
   */
  int callsUnderWay();
}
