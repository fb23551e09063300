package dev.fncluster.runner;

import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import dev.fncluster.runner.slot.Evictor;
import dev.fncluster.runner.slot.SlotLauncher;
import dev.fncluster.runner.slot.SlotQueue;
import dev.fncluster.runner.slot.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Launches containers in the background, and has others make room for them. Thread-safe. */
final class Launches implements SlotLauncher<HotContainer> {
  private static final Logger log = LoggerFactory.getLogger(Launches.class);

  private static final int EVICTION_ATTEMPTS = 8;

  private final SlotQueues queues;
  private final ResourceTracker resources;
  private final RunnerStats stats;
  private final Outstanding outstanding;
  private final Disposals disposals;
  private final ContainerStarter starter;
  private final BooleanSupplier canMakeContainers;
  private final Executor virtualThreads;
  private final StartPlaces places;
  private volatile boolean closed;

  /**
   * Launches nothing yet.
   *
   * @param canMakeContainers if not, no container that serves is stopped for another one; asked on
   *     event loops
   */
  Launches(
      SlotQueues queues,
      ResourceTracker resources,
      RunnerStats stats,
      Outstanding outstanding,
      Disposals disposals,
      ContainerStarter starter,
      BooleanSupplier canMakeContainers,
      Executor virtualThreads,
      int startLimit) {
    this.queues = queues;
    this.resources = resources;
    this.stats = stats;
    this.outstanding = outstanding;
    this.disposals = disposals;
    this.starter = starter;
    this.canMakeContainers = canMakeContainers;
    this.virtualThreads = virtualThreads;
    this.places = new StartPlaces(startLimit);
  }

  /** Nothing is launched from now on; starts under way give up. */
  void close() {
    closed = true;
    starter.close();
  }

  @Override
  public int startsUnderWay() {
    return places.underWay();
  }

  @Override
  public @Nullable Reservation reserve(SlotQueue<HotContainer> queue) {
    return closed ? null : resources.reserve(queue.amount());
  }

  @Override
  public boolean makeRoom(SlotQueue<HotContainer> queue) {
    return canMakeContainers.getAsBoolean() && stopOthersFor(queue);
  }

  // One at a time: two that chose the same container would both believe that there is no other.
  private synchronized boolean stopOthersFor(SlotQueue<HotContainer> queue) {
    for (int attempt = 0; attempt < EVICTION_ATTEMPTS; attempt++) {
      ResourceAmount coming = disposals.coming();
      ResourceAmount deficit =
          ResourceAmount.deficit(queue.amount(), resources.free().plus(coming));
      if (deficit.isNone()) {
        return true;
      }
      List<HotContainer> chosen = Evictor.choose(candidates(), queue.key(), deficit);
      if (chosen.isEmpty()) {
        return false;
      }
      boolean all = true;
      for (HotContainer each : chosen) {
        all &= evict(each);
      }
      if (all) {
        return true;
      }
      // A call took one of them, or it stops for another reason: things look different now.
    }
    return true;
  }

  private List<Evictor.Candidate<HotContainer>> candidates() {
    List<Evictor.Candidate<HotContainer>> candidates = new ArrayList<>();
    for (SlotQueue<HotContainer> each : queues.all()) {
      for (HotContainer container : each.slots()) {
        if (container.state().isFree()) {
          candidates.add(candidate(container, each.key()));
        }
      }
    }
    return candidates;
  }

  private static Evictor.Candidate<HotContainer> candidate(HotContainer container, String key) {
    return new Evictor.Candidate<>(
        container, key, container.reservation().amount(), container.createdNanos());
  }

  private boolean evict(HotContainer container) {
    var state = container.state();
    // Whoever took it in the meantime keeps it.
    if (!container.stopIfIdle("it makes room for others")) {
      return false;
    }
    stats.evicted(container.spec(), state);
    return true;
  }

  @Override
  public void launch(
      SlotQueue<HotContainer> queue, Waiter<HotContainer> cause, Reservation reservation) {
    Invocation invocation = ((AgentCall) cause).invocation();
    LaunchTurn turn = new LaunchTurn(places, resources, reservation, queues::reconsiderAll);
    // Until it is started it counts as going on; then until it is removed.
    outstanding.begin();
    stats.utilisation(resources.used(), resources.total());
    virtualThreads.execute(() -> start(queue, cause, invocation, turn));
  }

  private void start(
      SlotQueue<HotContainer> queue,
      Waiter<HotContainer> cause,
      Invocation invocation,
      LaunchTurn turn) {
    Call call = invocation.call();
    Throwable failure = null;
    try (LogIds unused = LogIds.of(call)) {
      starter.start(
          invocation, queue, stats.container(call.appId(), call.fnId(), call.image()), turn);
    } catch (Throwable t) {
      if (t instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      failure = t;
    } finally {
      turn.end();
    }
    if (failure == null) {
      queue.launchEnded(cause, null);
      queues.reconsiderAll();
      return;
    }
    stats.utilisation(resources.used(), resources.total());
    if (failure instanceof LaunchTurn.NoRoomException) {
      queue.launchPutOff(cause);
      outstanding.end();
      queues.reconsiderAll();
      return;
    }
    if (!(failure instanceof FnException e) || e.code() == 500) {
      LogIds.on(log.atError(), call).setCause(failure).log("A container could not be launched");
    }
    queue.launchEnded(
        cause, failure instanceof FnException ? failure : InvocationErrors.internal(failure));
    outstanding.end();
    queues.reconsiderAll();
  }
}
