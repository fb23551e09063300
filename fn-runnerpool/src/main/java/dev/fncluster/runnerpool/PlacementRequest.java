package dev.fncluster.runnerpool;

import java.util.Objects;
import org.apiguardian.api.API;

/**
 * What a {@link PlacementPolicy} may know of a call.
 *
 * @param fnId the id of its fn
 * @param slotHashId calls with the same one can share a container; may be empty
 * @param randomness uniformly distributed over all longs, new for every round: the only source of
 *     chance a policy has
 */
@API(status = API.Status.STABLE, since = "0.1")
public record PlacementRequest(String fnId, String slotHashId, long randomness) {
  /** Checks that nothing is missing. */
  public PlacementRequest {
    Objects.requireNonNull(fnId, "fnId");
    Objects.requireNonNull(slotHashId, "slotHashId");
  }
}
