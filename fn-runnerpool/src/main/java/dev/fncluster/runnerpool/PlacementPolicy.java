package dev.fncluster.runnerpool;

import java.util.List;
import java.util.PrimitiveIterator;
import org.apiguardian.api.API;

/**
 * In which order the runners of a pool are tried for a call. A pure function of its arguments: no
 * clock, no random numbers, no state, so that it can be driven by a simulator.
 *
 * <p>Thread-safe: asked on the event loops of all calls, for every round of every call; must not
 * block. One that throws or returns null fails its call with code 500.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface PlacementPolicy {
  /**
   * The order of one round.
   *
   * @param runners at least one
   * @return indexes into {@code runners}, each at most once; indexes that are left out are not
   *     tried in this round. Used on the event loop of the call: cheap for the first element, which
   *     is all that most calls need
   */
  PrimitiveIterator.OfInt order(PlacementRequest request, List<? extends RunnerView> runners);
}
