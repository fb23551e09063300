package dev.fncluster.placer;

import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Plays a cluster on virtual time: which share of calls meet no container, and how much longer than
 * their own work they take. The same seed gives the same run.
 *
 * <p>Runners share their cores evenly among what runs, take a call whenever a container fits, and
 * pay for a new container with CPU time that the others on that runner lose. Few functions get most
 * calls (Zipf). There is one load balancer, whose tries cost nothing. Calls get more frequent up to
 * half of what the cores can do, so that no run begins with the start of all functions at once.
 */
final class ClusterSimulation {
  private static final int RUNNERS = 20;
  private static final int CORES = 4;
  private static final int CONTAINERS = 80;
  private static final int FUNCTIONS = 400;
  private static final double ZIPF = 1.1;
  private static final double WORK_SECONDS = 0.2;
  private static final double START_SECONDS = 0.4;
  private static final double WARM_UP_SECONDS = 30;
  private static final double LOAD = 0.5;
  private static final double RETRY_SECONDS = 0.05;
  private static final double GIVE_UP_SECONDS = 10;

  /**
   * What came out.
   *
   * @param coldShare of all calls, 0 to 1
   * @param p99Slowdown time of a call ÷ its own work, which 99 % stay below
   * @param refusalsPerCall how often runners said no
   */
  record Result(double coldShare, double p99Slowdown, double refusalsPerCall) {}

  private record Call(int fn, double arrival, double work) {}

  private record Event(double time, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private record Job(Call call, double endsAtProgress) {}

  private final PlacementPolicy policy;
  private final SplittableRandom random;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final List<SimulatedRunner> runners = new ArrayList<>();
  private final double[] popularity = new double[FUNCTIONS];
  private final double[] slowdowns;
  private final int calls;
  private double now;
  private long eventCount;
  private int arrived;
  private int ended;
  private int cold;
  private long refusals;

  private ClusterSimulation(PlacementPolicy policy, int calls, long seed) {
    this.policy = policy;
    this.calls = calls;
    this.random = new SplittableRandom(seed);
    this.slowdowns = new double[calls];
    double sum = 0;
    for (int i = 0; i < FUNCTIONS; i++) {
      sum += Math.pow(i + 1, -ZIPF);
      popularity[i] = sum;
    }
    for (int i = 0; i < FUNCTIONS; i++) {
      popularity[i] /= sum;
    }
    for (int i = 0; i < RUNNERS; i++) {
      runners.add(new SimulatedRunner("10.0.0." + i + ":9190"));
    }
  }

  /** Plays {@code calls} calls. */
  static Result run(PlacementPolicy policy, int calls, long seed) {
    return new ClusterSimulation(policy, calls, seed).play();
  }

  private Result play() {
    arriveLater();
    for (Event next = events.poll(); next != null; next = events.poll()) {
      now = next.time();
      next.action().run();
    }
    double[] sorted = Arrays.copyOf(slowdowns, ended);
    Arrays.sort(sorted);
    return new Result(
        (double) cold / ended, sorted[(int) (0.99 * ended)], (double) refusals / ended);
  }

  private void at(double time, Runnable action) {
    events.add(new Event(time, eventCount++, action));
  }

  private void arriveLater() {
    if (arrived < calls) {
      arrived++;
      double rate =
          Math.clamp(now / WARM_UP_SECONDS, 0.05, 1) * LOAD * RUNNERS * CORES / WORK_SECONDS;
      double time = now + exponential(1 / rate);
      int found = Arrays.binarySearch(popularity, random.nextDouble());
      int fn = found < 0 ? -found - 1 : found;
      Call call = new Call(fn, time, Math.max(0.01, exponential(WORK_SECONDS)));
      at(
          time,
          () -> {
            arriveLater();
            place(call);
          });
    }
  }

  private double exponential(double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  private void place(Call call) {
    PlacementRequest request = new PlacementRequest("fn-" + call.fn(), "", random.nextLong());
    PrimitiveIterator.OfInt order = policy.order(request, runners);
    while (order.hasNext()) {
      if (runners.get(order.nextInt()).take(call)) {
        return;
      }
      refusals++;
    }
    if (now - call.arrival() < GIVE_UP_SECONDS) {
      at(now + RETRY_SECONDS, () -> place(call));
    } else {
      end(call);
    }
  }

  private void end(Call call) {
    slowdowns[ended++] = (now - call.arrival()) / call.work();
  }

  private final class SimulatedRunner implements RunnerView {
    private final String address;
    private final PriorityQueue<Job> running =
        new PriorityQueue<>((a, b) -> Double.compare(a.endsAtProgress(), b.endsAtProgress()));
    // Idle containers by function, the one that waits longest first.
    private final LinkedHashMap<Integer, Integer> idle = new LinkedHashMap<>();
    private int containers;
    private double progress;
    private double progressTime;
    private int version;

    private SimulatedRunner(String address) {
      this.address = address;
    }

    @Override
    public String address() {
      return address;
    }

    @Override
    public int callsUnderWay() {
      return running.size();
    }

    boolean take(Call call) {
      double work = call.work();
      if (idle.containsKey(call.fn())) {
        takeIdle(call.fn());
      } else if (containers < CONTAINERS || !idle.isEmpty()) {
        if (containers == CONTAINERS) {
          takeIdle(idle.keySet().iterator().next());
        } else {
          containers++;
        }
        cold++;
        work += START_SECONDS;
      } else {
        return false;
      }
      advance();
      running.add(new Job(call, progress + work));
      watch();
      return true;
    }

    private void takeIdle(int fn) {
      idle.compute(fn, (key, count) -> count == null || count == 1 ? null : count - 1);
    }

    /** How much each job has had since the beginning, if it had been there all the time. */
    private void advance() {
      progress += (now - progressTime) * rate();
      progressTime = now;
    }

    private double rate() {
      return Math.min(1, (double) CORES / Math.max(1, running.size()));
    }

    private void watch() {
      int current = ++version;
      Job first = running.peek();
      if (first != null) {
        at(
            now + Math.max(0, first.endsAtProgress() - progress) / rate(),
            () -> {
              if (version == current) {
                finishFirst();
              }
            });
      }
    }

    private void finishFirst() {
      advance();
      Job done = running.remove();
      int fn = done.call().fn();
      Integer before = idle.remove(fn);
      idle.put(fn, before == null ? 1 : before + 1);
      end(done.call());
      watch();
    }
  }
}
