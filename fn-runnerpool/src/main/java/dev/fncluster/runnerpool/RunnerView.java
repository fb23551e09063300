package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/** What a {@link PlacementPolicy} may know of a runner. */
@API(status = API.Status.STABLE, since = "0.1")
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
