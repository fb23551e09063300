package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/**
 * Every fn has an order of runners of its own, by the hashes of its id with each runner's address
 * (rendezvous hashing). Its calls go to the first of them that is not loaded beyond its share, so
 * that a fn stays on few runners, and what overflows from one runner scatters over all others
 * instead of falling on a neighbour. Stateless.
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
    int size = runners.size();
    int[] loads = new int[size];
    long total = 0;
    for (int i = 0; i < size; i++) {
      loads[i] = runners.get(i).callsUnderWay();
      total += loads[i];
    }
    long share = share(total, size);
    long fnHash = HASH.hash(request.fnId());
    Choice[] choices = new Choice[size];
    for (int i = 0; i < size; i++) {
      String address = runners.get(i).address();
      long rank = mix(fnHash ^ HASH.hash(address));
      choices[i] = new Choice(i, loads[i] >= share, rank, address);
    }
    return new Order(choices);
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
    private final Choice[] choices;
    private int next;

    private Order(Choice[] choices) {
      this.choices = choices;
    }

    @Override
    public boolean hasNext() {
      return next < choices.length;
    }

    @Override
    public int nextInt() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == 0) {
        bestToFront();
      } else if (next == 1) {
        Arrays.sort(choices, 1, choices.length);
      }
      return choices[next++].index();
    }

    private void bestToFront() {
      int best = 0;
      for (int i = 1; i < choices.length; i++) {
        if (choices[i].compareTo(choices[best]) < 0) {
          best = i;
        }
      }
      Choice first = choices[best];
      choices[best] = choices[0];
      choices[0] = first;
    }
  }
}
