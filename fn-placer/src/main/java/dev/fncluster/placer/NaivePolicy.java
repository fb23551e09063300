package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.List;
import java.util.PrimitiveIterator;

/** Every runner once, in the order of the pool, from one chosen by chance. Stateless. */
public final class NaivePolicy implements PlacementPolicy {
  @Override
  public PrimitiveIterator.OfInt order(
      PlacementRequest request, List<? extends RunnerView> runners) {
    int size = runners.size();
    return new RingOrder((int) Long.remainderUnsigned(request.randomness(), size), size);
  }
}
