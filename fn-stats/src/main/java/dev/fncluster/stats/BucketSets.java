package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;
import java.util.Objects;

/**
 * How a node spreads what it measures: one distribution for each kind of quantity.
 *
 * @param latency of all latencies but those of load balancers, in milliseconds
 * @param lbLatency of the latencies of load balancers and placers, in milliseconds
 * @param io of amounts of input and output, in bytes
 * @param memory of amounts of memory, in bytes
 * @param cpu of the use of processors, in percent
 */
public record BucketSets(
    Aggregation.Distribution latency,
    Aggregation.Distribution lbLatency,
    Aggregation.Distribution io,
    Aggregation.Distribution memory,
    Aggregation.Distribution cpu) {
  /** Those of {@link Distributions}. */
  public static final BucketSets DEFAULT =
      new BucketSets(
          Distributions.LATENCY,
          Distributions.LB_LATENCY,
          Distributions.IO,
          Distributions.MEMORY,
          Distributions.CPU);

  /** Checks that none is missing. */
  public BucketSets {
    Objects.requireNonNull(latency, "latency");
    Objects.requireNonNull(lbLatency, "lbLatency");
    Objects.requireNonNull(io, "io");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(cpu, "cpu");
  }
}
