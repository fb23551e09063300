package dev.fncluster.placer;

/** Chooses one of a number of buckets for a hash, so that few hashes move when the number grows. */
enum Bucket {
  /** The jump consistent hash of Lamping and Veach (2014): balanced, moves 1/n of all hashes. */
  JUMP {
    @Override
    int of(long hash, int buckets) {
      long key = hash;
      long chosen = -1;
      long next = 0;
      while (next < buckets) {
        chosen = next;
        key = key * MULTIPLIER + 1;
        next = (long) ((chosen + 1) * ((double) (1L << 31) / ((key >>> 33) + 1)));
      }
      return (int) chosen;
    }
  },

  /**
   * What other implementations use in its place: whole-numbered jumps leave some buckets without
   * any hash. Only for clusters in which load balancers of both kinds should choose alike.
   */
  COMPATIBLE {
    @Override
    int of(long hash, int buckets) {
      long key = hash;
      long chosen = -1;
      long next = 0;
      while (next < buckets) {
        chosen = next;
        key = key * MULTIPLIER + 1;
        long divisor = key >>> 33;
        if (divisor == 0) {
          return (int) chosen;
        }
        next = (chosen + 1) * ((1L << 31) / divisor + 1);
      }
      return (int) chosen;
    }
  };

  private static final long MULTIPLIER = 2862933555777941757L;

  /** The bucket of {@code hash}: 0 to {@code buckets} - 1, or -1 when there is none. */
  abstract int of(long hash, int buckets);
}
