package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * Every fn has a home in the list of the pool, chosen by the hash of its id, so that its calls meet
 * the containers that earlier ones left; what finds no place there goes on to the neighbours.
 * Stateless.
 */
public final class ConsistentHashPolicy implements PlacementPolicy {
  // All load balancers of a cluster must hash alike; the second key is part of the protocol.
  private static final SipHash HASH = new SipHash(0, 0x4c617279426f6174L);

  private final Bucket bucket;

  private ConsistentHashPolicy(Bucket bucket) {
    this.bucket = bucket;
  }

  /** Homes are spread evenly. */
  public static ConsistentHashPolicy balanced() {
    return new ConsistentHashPolicy(Bucket.JUMP);
  }

  /** Homes are those that load balancers of other make choose, which are unevenly spread. */
  public static ConsistentHashPolicy compatible() {
    return new ConsistentHashPolicy(Bucket.COMPATIBLE);
  }

  static long hash(String fnId) {
    return HASH.hash(fnId);
  }

  @Override
  public PrimitiveIterator.OfInt order(
      PlacementRequest request, List<? extends RunnerView> runners) {
    int size = runners.size();
    return new RingOrder(bucket.of(hash(request.fnId()), size), size);
  }
}
