package org.example.partitions;

import dev.fncluster.api.extension.Plugin;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlacerContext;
import dev.fncluster.runnerpool.PlacerFactory;
import dev.fncluster.runnerpool.RunnerView;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/** Tries the runner first that has the fewest calls, and those with as many by turns. */
@Plugin(name = "fewest-calls", api = Plugin.API_VERSION)
public final class FewestCalls implements PlacerFactory {
  @Override
  public Placer create(PlacerContext context) {
    return context.inOrderOf(FewestCalls::order);
  }

  private static PrimitiveIterator.OfInt order(
      PlacementRequest request, List<? extends RunnerView> runners) {
    int count = runners.size();
    int first = (int) Long.remainderUnsigned(request.randomness(), count);
    // Read once: they change while they are compared.
    int[] calls = runners.stream().mapToInt(RunnerView::callsUnderWay).toArray();
    return IntStream.range(0, count)
        .map(i -> (first + i) % count)
        .boxed()
        .sorted((a, b) -> Integer.compare(calls[a], calls[b]))
        .mapToInt(Integer::intValue)
        .iterator();
  }
}
