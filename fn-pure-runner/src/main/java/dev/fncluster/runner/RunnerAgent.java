package dev.fncluster.runner;

import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.model.SlotHash;
import dev.fncluster.runner.container.ContainerDriver;
import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.container.SocketWatcher;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import dev.fncluster.runner.slot.Evictor;
import dev.fncluster.runner.slot.LaunchPolicy;
import dev.fncluster.runner.slot.SlotLauncher;
import dev.fncluster.runner.slot.SlotQueue;
import dev.fncluster.runner.slot.Waiter;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes calls in hot containers on this node.
 *
 * <p>Thread-safe. A call that meets a free container stays on its event loop from {@link #submit}
 * to its end; containers are launched and removed on virtual threads.
 */
public final class RunnerAgent implements CallAgent {
  private static final Logger log = LoggerFactory.getLogger(RunnerAgent.class);
  private static final Duration REMOVAL_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_IDLE_EVERY = Duration.ofMillis(20);
  private static final int REMOVAL_ATTEMPTS = 3;

  private final RunnerSettings settings;
  private final ContainerDriver driver;
  private final ResourceTracker resources;
  private final RunnerStats stats;
  private final Clock clock;
  private final LaunchPolicy policy;
  private final SocketWatcher watcher;
  private final ContainerStarter starter;
  private final ExecutorService virtualThreads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("runner-", 0).factory());
  private final SlotLauncher<HotContainer> launcher = new Launcher();
  private final Map<String, SlotQueue<HotContainer>> queues = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger startsUnderWay = new AtomicInteger();
  private final AtomicLong memoryComing = new AtomicLong();
  private final AtomicLong milliCpusComing = new AtomicLong();
  private final Outstanding outstanding = new Outstanding();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch noCallsLeft = new CountDownLatch(1);
  private final Future<?> ticking;

  /**
   * An agent that takes calls at once.
   *
   * @param driver closed together with the agent
   * @param total what all containers may take together
   * @param registry where {@link RunnerViews#all()} are registered
   * @throws IOException when directories can't be watched
   */
  public RunnerAgent(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      ResourceAmount total,
      ViewRegistry registry,
      IdGenerator ids,
      Clock clock)
      throws IOException {
    this.settings = settings;
    this.driver = driver;
    this.resources = new ResourceTracker(total);
    this.stats = new RunnerStats(registry);
    this.clock = clock;
    this.policy = new LaunchPolicy(settings.refuseWhenFull());
    this.watcher = new SocketWatcher();
    this.starter =
        new ContainerStarter(
            driver,
            watcher,
            new HotContainer.Node(
                loops,
                virtualThreads,
                System::nanoTime,
                settings.maxResponseHeaderSize(),
                this::dispose),
            new ContainerStarter.Options(
                settings.pullTimeout(),
                settings.startTimeout(),
                settings.socketPath(),
                settings.socketDockerPath()),
            ids);
    long poll = settings.hotPoll().toMillis();
    this.ticking =
        loops
            .loops()
            .getFirst()
            .scheduleWithFixedDelay(this::tick, poll, poll, TimeUnit.MILLISECONDS);
    stats.utilisation(resources.used(), resources.total());
  }

  @Override
  public void submit(Invocation invocation, CallCompletion completion) {
    Call call = invocation.call();
    call.createdAt(clock.instant()).startedAt(null).completedAt(null);
    stats.calls.calls().increment();
    // Counted before looking at closing: close() waits for whoever got past it.
    inFlight.incrementAndGet();
    AgentCall agentCall = new AgentCall(this, invocation, completion);
    if (closing.get()) {
      stats.calls.queued().increment();
      agentCall.refused(InvocationErrors.serverBusy());
    } else if (!ResourceAmount.of(call).fitsInto(resources.total())) {
      stats.calls.queued().increment();
      agentCall.refused(InvocationErrors.callResourceTooBig());
    } else {
      agentCall.begin();
    }
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    ticking.cancel(false);
    starter.close();
    for (SlotQueue<HotContainer> each : queues.values()) {
      each.refuseAll(InvocationErrors.serverBusy());
    }
    long deadline = System.nanoTime() + grace.toNanos();
    while (inFlight.get() > 0 && System.nanoTime() - deadline < 0) {
      // Containers come free one by one while the last calls go on.
      stopIdle();
      if (noCallsLeft.await(STOP_IDLE_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    forEachContainer(HotContainer::cancelCall);
    long last = System.nanoTime() + REMOVAL_LIMIT.toNanos();
    do {
      for (SlotQueue<HotContainer> each : queues.values()) {
        each.refuseAll(InvocationErrors.serverBusy());
      }
      stopIdle();
    } while (!outstanding.await(Duration.ofMillis(50)) && System.nanoTime() - last < 0);
    if (!outstanding.await(Duration.ZERO)) {
      log.error("Containers were left behind: they could not be removed within {}", REMOVAL_LIMIT);
    }
    virtualThreads.shutdown();
    try {
      watcher.close();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("The watch of socket directories can't be closed");
    }
    driver.close();
  }

  /** Calls that wait or are executed now. */
  public int callsInFlight() {
    return inFlight.get();
  }

  /** What all containers may take together, and what they have reserved. */
  public ResourceTracker resources() {
    return resources;
  }

  /** Containers that are there or being started. */
  public int containers() {
    int count = 0;
    for (SlotQueue<HotContainer> each : queues.values()) {
      count += each.slots().size() + each.starting();
    }
    return count;
  }

  RunnerStats stats() {
    return stats;
  }

  RunnerSettings settings() {
    return settings;
  }

  Clock clock() {
    return clock;
  }

  long nanoTime() {
    return System.nanoTime();
  }

  void ended() {
    if (inFlight.decrementAndGet() == 0 && closing.get()) {
      noCallsLeft.countDown();
    }
  }

  /** The queue for the containers that can execute this call. */
  SlotQueue<HotContainer> queue(Invocation invocation) {
    Call call = invocation.call();
    String key =
        invocation.slotHashId().isEmpty()
            ? SlotHash.hex(
                call, call.configWith(SlotHash.CONTAINER_CONFIG), driver.slotKeyExtension())
            : invocation.slotHashId();
    SlotQueue<HotContainer> queue = queues.get(key);
    return queue != null
        ? queue
        : queues.computeIfAbsent(
            key,
            k ->
                new SlotQueue<>(
                    k,
                    ResourceAmount.of(call),
                    launcher,
                    policy,
                    settings.maxConcurrentStarts(),
                    settings.maxQueuedCalls(),
                    System::nanoTime));
  }

  private void tick() {
    long unused = settings.launcherTimeout().toNanos();
    for (SlotQueue<HotContainer> each : queues.values()) {
      try {
        each.reconsider();
        if (each.retire(unused)) {
          queues.remove(each.key(), each);
        }
      } catch (RuntimeException e) {
        // A timer whose task fails never fires again, and everybody depends on this one.
        log.atError().addKeyValue("slot", each.key()).setCause(e).log("Waiting calls got stuck");
      }
    }
  }

  private void reconsiderAll() {
    for (SlotQueue<HotContainer> each : queues.values()) {
      each.reconsider();
    }
  }

  private void stopIdle() {
    forEachContainer(container -> container.stopIfIdle("the node stops"));
  }

  private void forEachContainer(java.util.function.Consumer<HotContainer> action) {
    for (SlotQueue<HotContainer> each : queues.values()) {
      each.slots().forEach(action);
    }
  }

  private final class Launcher implements SlotLauncher<HotContainer> {
    @Override
    public int startsUnderWay() {
      return startsUnderWay.get();
    }

    @Override
    public @Nullable Reservation reserve(SlotQueue<HotContainer> queue) {
      return closing.get() ? null : resources.reserve(queue.amount());
    }

    @Override
    public boolean makeRoom(SlotQueue<HotContainer> queue) {
      ResourceAmount coming = new ResourceAmount(memoryComing.get(), milliCpusComing.get());
      ResourceAmount deficit =
          ResourceAmount.deficit(queue.amount(), resources.free().plus(coming));
      if (deficit.isNone()) {
        return !coming.isNone();
      }
      List<Evictor.Candidate<HotContainer>> candidates = new ArrayList<>();
      for (SlotQueue<HotContainer> each : queues.values()) {
        for (HotContainer container : each.idle() == 0 ? List.<HotContainer>of() : each.slots()) {
          candidates.add(
              new Evictor.Candidate<>(
                  container,
                  each.key(),
                  container.state() == dev.fncluster.runner.container.ContainerState.IDLE
                      ? container.reservation().amount()
                      : ResourceAmount.NONE,
                  container.createdNanos()));
        }
      }
      boolean any = false;
      for (HotContainer each : Evictor.choose(candidates, queue.key(), deficit)) {
        // Whoever took it in the meantime keeps it.
        if (each.stopIfIdle("it makes room for others")) {
          any = true;
          stats.evicted(each.spec().appId(), each.spec().fnId(), each.spec().image());
        }
      }
      return any;
    }

    @Override
    public void launch(
        SlotQueue<HotContainer> queue, Waiter<HotContainer> cause, Reservation reservation) {
      Invocation invocation = ((AgentCall) cause).invocation();
      startsUnderWay.incrementAndGet();
      outstanding.begin();
      stats.utilisation(resources.used(), resources.total());
      virtualThreads.execute(() -> start(queue, cause, invocation, reservation));
    }
  }

  private void start(
      SlotQueue<HotContainer> queue,
      Waiter<HotContainer> cause,
      Invocation invocation,
      Reservation reservation) {
    Call call = invocation.call();
    Throwable failure = null;
    // Until it is started it counts as going on; then until it is removed.
    try {
      starter.start(
          invocation, reservation, queue, stats.container(call.appId(), call.fnId(), call.image()));
    } catch (Throwable t) {
      if (t instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      failure = t;
    } finally {
      startsUnderWay.decrementAndGet();
    }
    if (failure == null) {
      queue.launchEnded(cause, null);
      reconsiderAll();
      return;
    }
    if (!(failure instanceof FnException e) || e.code() == 500) {
      log.atError()
          .addKeyValue("call_id", call.id())
          .addKeyValue("fn_id", call.fnId())
          .addKeyValue("app_id", call.appId())
          .setCause(failure)
          .log("A container could not be launched");
    }
    reservation.release();
    queue.launchEnded(
        cause, failure instanceof FnException ? failure : InvocationErrors.internal(failure));
    outstanding.end();
    reconsiderAll();
  }

  private void dispose(HotContainer container) {
    ResourceAmount amount = container.reservation().amount();
    memoryComing.addAndGet(amount.memory());
    milliCpusComing.addAndGet(amount.milliCpus());
    virtualThreads.execute(() -> {
      try {
        remove(container);
      } finally {
        memoryComing.addAndGet(-amount.memory());
        milliCpusComing.addAndGet(-amount.milliCpus());
        container.reservation().release();
        stats.utilisation(resources.used(), resources.total());
        container.queue().removed(container);
        outstanding.end();
        reconsiderAll();
      }
    });
  }

  private void remove(HotContainer container) {
    for (int attempt = 1; attempt <= REMOVAL_ATTEMPTS; attempt++) {
      try {
        container.remove();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | RuntimeException e) {
        log.atError()
            .addKeyValue("container_id", container.id())
            .addKeyValue("fn_id", container.spec().fnId())
            .addKeyValue("attempt", attempt)
            .setCause(e)
            .log("A container could not be removed");
      }
    }
  }
}
