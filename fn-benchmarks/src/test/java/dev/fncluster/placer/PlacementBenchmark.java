package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it takes to find the runner that is tried first. */
@State(Scope.Benchmark)
public class PlacementBenchmark {
  /** As in {@code FN_PLACER}. */
  @Param({"naive", "ch", "ch-bounded"})
  public String placer = "";

  /** How many runners the pool has. */
  @Param({"2", "20", "200"})
  public int runners;

  private PlacementPolicy policy = new NaivePolicy();
  private List<RunnerView> views = List.of();
  private final PlacementRequest[] requests = new PlacementRequest[64];
  private int next;

  private record Runner(String address, int callsUnderWay) implements RunnerView {}

  /** Makes pool and calls. */
  @Setup
  public void prepare() {
    policy =
        switch (placer) {
          case "naive" -> new NaivePolicy();
          case "ch" -> ConsistentHashPolicy.balanced();
          case "ch-bounded" -> new BoundedLoadPolicy(125, 2);
          default -> throw new IllegalArgumentException(placer);
        };
    List<RunnerView> made = new ArrayList<>();
    for (int i = 0; i < runners; i++) {
      made.add(new Runner("10.0." + i / 100 + "." + i % 100 + ":9190", i % 3));
    }
    views = List.copyOf(made);
    for (int i = 0; i < requests.length; i++) {
      requests[i] = new PlacementRequest("01M87E0EA1R00040KH440000" + (10 + i), "", 7919L * i);
    }
  }

  /** For one call. */
  @Benchmark
  public int firstChoice() {
    next = (next + 1) & 63;
    return policy.order(requests[next], views).nextInt();
  }
}
