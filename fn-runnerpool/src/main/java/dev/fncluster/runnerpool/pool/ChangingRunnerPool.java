package dev.fncluster.runnerpool.pool;

import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.StaticRunnerPool;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool whose runners may change while calls are under way, and who are asked how they do.
 *
 * <ul>
 *   <li>A runner that is added later gets calls after its first good answer; those that are there
 *       at the start get them at once.
 *   <li>One that fails is passed over until it answers well again. When none is left, all are
 *       tried.
 *   <li>One that is removed gets no new calls, finishes those it has, and is closed.
 * </ul>
 *
 * <p>Thread-safe, never blocks when asked.
 */
public final class ChangingRunnerPool implements RunnerPool {
  private static final Logger log = LoggerFactory.getLogger(ChangingRunnerPool.class);

  private final EndpointSource source;
  private final EndpointRunnerFactory factory;
  private final HealthRules rules;
  private final Duration drainLimit;
  private final PoolMeters meters;
  private final ReentrantLock lock = new ReentrantLock();
  // In the order of the source. Guarded by lock, which is never held while something is waited for.
  private final Map<Endpoint, Watched> members = new LinkedHashMap<>();
  private boolean closed;
  private final Set<Thread> draining = ConcurrentHashMap.newKeySet();
  private volatile RunnerList snapshot = RunnerList.of(List.of());
  private volatile boolean nobodyIsHealthy;

  private record Watched(Member member, HealthWatch watch) {}

  private ChangingRunnerPool(
      EndpointSource source,
      EndpointRunnerFactory factory,
      HealthRules rules,
      Duration drainLimit,
      ViewRegistry views) {
    this.source = source;
    this.factory = factory;
    this.rules = rules;
    this.drainLimit = drainLimit;
    this.meters = PoolMeters.of(views);
  }

  /**
   * A pool of the runners that {@code source} tells of; both are the pool's own from now on.
   *
   * @param drainLimit how long a runner that was removed may take to finish its calls
   * @throws IOException when the source can't work
   */
  public static ChangingRunnerPool start(
      EndpointSource source,
      EndpointRunnerFactory factory,
      HealthRules rules,
      Duration drainLimit,
      ViewRegistry views)
      throws IOException {
    ChangingRunnerPool pool = new ChangingRunnerPool(source, factory, rules, drainLimit, views);
    source.start(pool::update);
    return pool;
  }

  @Override
  public RunnerList runners(RunnerCall call) {
    return snapshot;
  }

  @Override
  public List<Runner> known() {
    return snapshot.runners();
  }

  @Override
  public @Nullable String obstacle() {
    return snapshot.runners().isEmpty() ? "the pool has no runners" : null;
  }

  @Override
  public boolean mayBlock() {
    return false;
  }

  private void update(List<Endpoint> endpoints) {
    List<Watched> gone = new ArrayList<>();
    int added = 0;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      boolean first = members.isEmpty();
      Map<Endpoint, Watched> before = new HashMap<>(members);
      members.clear();
      for (Endpoint endpoint : endpoints) {
        Watched known = before.remove(endpoint);
        if (known == null && !members.containsKey(endpoint)) {
          known = watched(endpoint, first || !rules.asks());
          added++;
        }
        if (known != null) {
          members.put(endpoint, known);
        }
      }
      gone.addAll(before.values());
      publish();
    } finally {
      lock.unlock();
    }
    log.atInfo()
        .addKeyValue("runners", endpoints.size())
        .addKeyValue("added", added)
        .addKeyValue("removed", gone.size())
        .log("the pool has other runners");
    gone.forEach(this::drain);
  }

  private Watched watched(Endpoint endpoint, boolean healthy) {
    Member member = new Member(endpoint, factory.create(endpoint), healthy, () -> nobodyIsHealthy);
    (healthy ? meters.healthy() : meters.ejected()).increment();
    return new Watched(member, HealthWatch.start(member, rules, this::healthChanged));
  }

  private void healthChanged(Member member, boolean healthy) {
    lock.lock();
    try {
      Watched current = members.get(member.endpoint());
      if (closed || current == null || current.member() != member) {
        return;
      }
      member.healthy(healthy);
      (healthy ? meters.healthy() : meters.ejected()).increment();
      (healthy ? meters.ejected() : meters.healthy()).decrement();
      publish();
    } finally {
      lock.unlock();
    }
  }

  // Under the lock.
  private void publish() {
    List<Runner> runners = new ArrayList<>(members.size());
    boolean nobody = true;
    for (Watched each : members.values()) {
      runners.add(each.member());
      nobody &= !each.member().isHealthy();
    }
    if (nobody && !nobodyIsHealthy && !runners.isEmpty()) {
      log.atWarn()
          .addKeyValue("runners", runners.size())
          .log("no runner is well; all of them are tried");
    }
    nobodyIsHealthy = nobody;
    snapshot = RunnerList.of(runners);
  }

  private void drain(Watched gone) {
    gone.watch().close();
    Member member = gone.member();
    (member.isHealthy() ? meters.healthy() : meters.ejected()).decrement();
    meters.draining().increment();
    Thread thread = Thread.ofVirtual().name("drain-runner").unstarted(() -> closeDrained(member));
    draining.add(thread);
    thread.start();
  }

  private void closeDrained(Member member) {
    try {
      member.close(drainLimit);
      log.atInfo().addKeyValue("runner", member.address()).log("runner was removed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("runner", member.address())
          .setCause(e)
          .log("runner did not close cleanly");
    } finally {
      meters.draining().decrement();
      draining.remove(Thread.currentThread());
    }
  }

  @Override
  public void shutdown(Duration grace) throws InterruptedException {
    source.close();
    List<Runner> last = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (Watched each : members.values()) {
        each.watch().close();
        (each.member().isHealthy() ? meters.healthy() : meters.ejected()).decrement();
        last.add(each.member());
      }
      members.clear();
    } finally {
      lock.unlock();
    }
    long end = System.nanoTime() + grace.toNanos();
    try {
      new StaticRunnerPool(last).shutdown(grace);
    } finally {
      for (Thread each : List.copyOf(draining)) {
        if (!each.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
          // Cuts the calls that still run there.
          each.interrupt();
        }
      }
    }
  }
}
