package dev.fncluster.stats;

import io.opencensus.stats.Aggregation;

/** The distributions that views use unless a node asks for others. */
public final class Distributions {
  /** Latencies, in milliseconds. */
  public static final Aggregation.Distribution LATENCY =
      Buckets.of(1, 10, 50, 100, 250, 500, 1_000, 10_000, 60_000, 120_000);

  /**
   * Latencies of a load balancer, in milliseconds: {@link #LATENCY} with more bounds from 1 to 10
   * seconds, which is where cold starts and waits for capacity end.
   */
  public static final Aggregation.Distribution LB_LATENCY =
      Buckets.of(
          1, 10, 50, 100, 250, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 8_000,
          10_000, 60_000, 120_000);

  /** Amounts of input and output, in bytes. */
  public static final Aggregation.Distribution IO =
      Buckets.of(
          0,
          131_072,
          524_288,
          1_048_576,
          2_097_152,
          4_194_304,
          8_388_608,
          16_777_216,
          33_554_432,
          67_108_864,
          134_217_728);

  /** Amounts of memory, in bytes. */
  public static final Aggregation.Distribution MEMORY =
      Buckets.of(
          0,
          134_217_728,
          268_435_456,
          536_870_912,
          1_073_741_824,
          2_147_483_648.0,
          4_294_967_296.0,
          8_589_934_592.0);

  /** Processor use, in percent. */
  public static final Aggregation.Distribution CPU = Buckets.of(Buckets.linear(0, 100, 10));

  private Distributions() {}
}
