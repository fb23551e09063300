package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * Every fn has an order of runners of its own, by the hashes of its id with each runner's address
 * (rendezvous hashing). Its calls go to the first of them that is not loaded beyond its share, so
 * that a fn stays on few runners, and what overflows from one runner scatters over all others
 * instead of falling on a neighbour. Thread-safe; remembers the hashes of the addresses in the list
 * that it saw last.
 *
 * <pre>
 *   order of the fn      d    a    c    b
 *   calls under way      9    2    9    4       share: 7
 *   tried                3rd  1st  4th  2nd
 * </pre>
 *
 * <p>Runners beyond their share are tried too, after all others: whether one is full, only itself
 * can say. The calls counted are those of this load balancer.
 */
public final class BoundedLoadPolicy implements PlacementPolicy {
  private static final SipHash HASH = new SipHash(0, 0x726e72732d72656eL);

  private final int boundPercent;
  private final int alwaysAllowed;
  private volatile Hashed lastSeen = new Hashed(List.of(), new long[0]);

  /**
   * A policy.
   *
   * @param boundPercent a runner's share, as a percentage of the mean of all runners; more than 100
   * @param alwaysAllowed with fewer calls than this no runner is beyond its share, at least 1
   */
  public BoundedLoadPolicy(int boundPercent, int alwaysAllowed) {
    if (boundPercent <= 100 || alwaysAllowed < 1) {
      throw new IllegalArgumentException("bound " + boundPercent + " %, allowed " + alwaysAllowed);
    }
    this.boundPercent = boundPercent;
    this.alwaysAllowed = alwaysAllowed;
  }

  @Override
  public PrimitiveIterator.OfInt order(
      PlacementRequest request, List<? extends RunnerView> runners) {
    Hashed hashed = hashed(runners);
    long total = 0;
    for (RunnerView each : hashed.runners()) {
      total += each.callsUnderWay();
    }
    return new Order(hashed, HASH.hash(request.fnId()), share(total, hashed.runners().size()));
  }

  @SuppressWarnings("ReferenceEquality")
  private Hashed hashed(List<? extends RunnerView> runners) {
    // Of a list that can't change this is the list itself, so the same list has the same hashes.
    List<RunnerView> fixed = List.copyOf(runners);
    Hashed known = lastSeen;
    if (known.runners() != fixed) {
      known =
          new Hashed(fixed, fixed.stream().mapToLong(each -> HASH.hash(each.address())).toArray());
      lastSeen = known;
    }
    return known;
  }

  /** How many calls a runner may have for one more to be given to it without a second thought. */
  long share(long total, int runners) {
    // The call to be placed counts too; rounded up, or nobody could have it.
    long bound = Math.ceilDiv((total + 1) * boundPercent, 100L * runners);
    return Math.max(alwaysAllowed, bound);
  }

  // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
  private static long mix(long value) {
    long mixed = value;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** Runners, and the hashes of their addresses. */
  private record Hashed(List<RunnerView> runners, long[] hashes) {}

  private record Choice(int index, boolean loaded, long rank, String address)
      implements Comparable<Choice> {
    @Override
    public int compareTo(Choice other) {
      if (loaded != other.loaded) {
        return loaded ? 1 : -1;
      }
      int byRank = Long.compareUnsigned(rank, other.rank);
      return byRank != 0 ? byRank : address.compareTo(other.address);
    }
  }

  /** The best is found by looking once at each; only who needs a second one has them sorted. */
  private static final class Order implements PrimitiveIterator.OfInt {
    private final Hashed hashed;
    private final long fnHash;
    private final long share;
    private int first;
    private Choice[] others = {};
    private int next;

    private Order(Hashed hashed, long fnHash, long share) {
      this.hashed = hashed;
      this.fnHash = fnHash;
      this.share = share;
    }

    @Override
    public boolean hasNext() {
      return next < hashed.runners().size();
    }

    @Override
    public int nextInt() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      switch (next) {
        case 0 -> first = best();
        case 1 -> others = sortedOthers();
        default -> {}
      }
      int chosen = next == 0 ? first : others[next - 1].index();
      next++;
      return chosen;
    }

    private int best() {
      int best = 0;
      boolean bestLoaded = isLoaded(0);
      for (int i = 1; i < hashed.runners().size(); i++) {
        boolean loaded = isLoaded(i);
        if (loaded == bestLoaded ? ranksBefore(i, best) : bestLoaded) {
          best = i;
          bestLoaded = loaded;
        }
      }
      return best;
    }

    private boolean ranksBefore(int one, int other) {
      int byRank = Long.compareUnsigned(rank(one), rank(other));
      return byRank < 0 || (byRank == 0 && address(one).compareTo(address(other)) < 0);
    }

    private Choice[] sortedOthers() {
      return IntStream.range(0, hashed.runners().size())
          .filter(i -> i != first)
          .mapToObj(i -> new Choice(i, isLoaded(i), rank(i), address(i)))
          .sorted()
          .toArray(Choice[]::new);
    }

    private boolean isLoaded(int index) {
      return hashed.runners().get(index).callsUnderWay() >= share;
    }

    private long rank(int index) {
      return mix(fnHash ^ hashed.hashes()[index]);
    }

    private String address(int index) {
      return hashed.runners().get(index).address();
    }
  }
}
