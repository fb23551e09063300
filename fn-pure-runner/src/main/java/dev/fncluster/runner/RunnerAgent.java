package dev.fncluster.runner;

import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.CallListeners;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.OverriderChain;
import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.container.GuardedDriver;
import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.container.SocketDirectories;
import dev.fncluster.runner.container.SocketWatcher;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.function.AnswerLimit;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.slot.SlotQueue;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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

  private final AnswerLimit answerLimit;
  private final ContainerDriver driver;
  private final ResourceTracker resources;
  private final RunnerStats stats;
  private final IdGenerator ids;
  private final Clock clock;
  private final SocketDirectories directories;
  private final SocketWatcher watcher;
  private final FunctionLogs logs;
  private final ExecutorService virtualThreads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("runner-", 0).factory());
  private final ExtensionRunner extensions;
  private final OverriderChain overriders;
  private final CallListeners listeners;
  private final SlotQueues queues;
  private final Launches launches;
  private final Disposals disposals;
  private final CallsInFlight calls = new CallsInFlight();
  private final Outstanding outstanding = new Outstanding();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Future<?> ticking;

  /** As the other one, for an agent without extensions that leaves functions' output alone. */
  public RunnerAgent(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      ResourceAmount total,
      ViewRegistry registry,
      IdGenerator ids,
      Clock clock)
      throws IOException {
    this(
        loops,
        settings,
        driver,
        CallExtensions.none(),
        total,
        registry,
        AgentMeters.of(registry),
        FunctionLogs.none(registry),
        ids,
        clock);
  }

  /** As the other one, for an agent that counts its calls itself. */
  public RunnerAgent(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      CallExtensions extensions,
      ResourceAmount total,
      ViewRegistry registry,
      FunctionLogs logs,
      IdGenerator ids,
      Clock clock)
      throws IOException {
    this(
        loops,
        settings,
        driver,
        extensions,
        total,
        registry,
        AgentMeters.of(registry),
        logs,
        ids,
        clock);
  }

  /** What keeps new containers from being made; see {@link ContainerDriver#obstacle()}. */
  public Optional<String> obstacle() {
    return driver.obstacle();
  }

  /**
   * An agent that takes calls at once.
   *
   * @param driver closed together with the agent
   * @param extensions what others do to its calls
   * @param total what all containers may take together
   * @param registry where {@link RunnerViews#all()} are registered
   * @param meters of its calls
   * @param logs takes what functions write; closed together with the agent
   * @throws IOException when socket directories can't be made or watched
   */
  public RunnerAgent(
      EventLoops loops,
      RunnerSettings settings,
      ContainerDriver driver,
      CallExtensions extensions,
      ResourceAmount total,
      ViewRegistry registry,
      AgentMeters meters,
      FunctionLogs logs,
      IdGenerator ids,
      Clock clock)
      throws IOException {
    this.answerLimit = new AnswerLimit(settings.maxResponseSize());
    this.logs = logs;
    this.driver = driver;
    this.extensions = extensions.runner();
    this.listeners = new CallListeners(extensions.listeners(), extensions.runner());
    this.overriders =
        new OverriderChain(extensions.overriders(), extensions.runner(), SlotQueues::overriddenKey);
    this.resources = new ResourceTracker(total);
    this.stats = new RunnerStats(registry, meters);
    this.clock = clock;
    this.ids = ids;
    this.queues = new SlotQueues(settings, driver);
    this.directories = SocketDirectories.open(settings.sockets());
    this.watcher = new SocketWatcher();
    this.disposals = new Disposals(queues, resources, stats, outstanding, virtualThreads);
    ContainerStarter starter =
        new ContainerStarter(
            driver,
            directories,
            watcher,
            new HotContainer.Node(
                loops,
                virtualThreads,
                System::nanoTime,
                settings.freezeDelay(),
                settings.maxResponseHeaderSize(),
                disposals),
            new ContainerStarter.Options(settings.pullTimeout(), settings.startTimeout()),
            logs,
            ids);
    this.launches =
        new Launches(
            queues,
            resources,
            stats,
            outstanding,
            disposals,
            starter,
            canMakeContainers(driver),
            virtualThreads,
            settings.maxConcurrentStarts());
    long poll = settings.hotPoll().toMillis();
    long unused = settings.launcherTimeout().toNanos();
    this.ticking =
        loops
            .loops()
            .getFirst()
            .scheduleWithFixedDelay(() -> queues.tick(unused), poll, poll, TimeUnit.MILLISECONDS);
    stats.utilisation(resources.used(), resources.total());
  }

  /** On event loops nobody waits for what a driver of others says. */
  private static BooleanSupplier canMakeContainers(ContainerDriver driver) {
    return driver instanceof GuardedDriver ? () -> true : () -> driver.obstacle().isEmpty();
  }

  @Override
  public void submit(Invocation invocation, CallCompletion completion) {
    Call call = invocation.call();
    CallTime time = CallTime.now(clock);
    call.createdAt(time.began()).startedAt(null).completedAt(null);
    stats.calls.of(call.appId(), call.fnId()).calls().increment();
    // Counted before looking at closing: close() waits for whoever got past it.
    calls.began();
    if (overriders.isEmpty()) {
      begin(invocation, completion, time, time.beganNanos());
      return;
    }
    overriders.apply(
        invocation,
        new OverriderChain.Result() {
          @Override
          public void overridden(Invocation changed) {
            begin(changed, completion, time, System.nanoTime());
          }

          @Override
          public void refused(Throwable why) {
            refuse(invocation, completion, time, why);
          }
        });
  }

  private void begin(
      Invocation invocation, CallCompletion completion, CallTime time, long nowNanos) {
    if (closing.get()) {
      refuse(invocation, completion, time, InvocationErrors.serverBusy());
    } else if (!ResourceAmount.of(invocation.call()).fitsInto(resources.total())) {
      refuse(invocation, completion, time, InvocationErrors.callResourceTooBig());
    } else {
      new AgentCall(this, invocation, completion, time).begin(nowNanos);
    }
  }

  private void refuse(
      Invocation invocation, CallCompletion completion, CallTime time, Throwable why) {
    stats.calls.queued().increment();
    new AgentCall(this, invocation, completion, time).refused(why);
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    ticking.cancel(false);
    launches.close();
    queues.refuseAll(InvocationErrors.serverBusy());
    long deadline = System.nanoTime() + grace.toNanos();
    do {
      // Containers come free one by one while the last calls go on.
      stopIdle();
    } while (!calls.awaitNone(STOP_IDLE_EVERY) && System.nanoTime() - deadline < 0);
    queues.forEachContainer(HotContainer::cancelCall);
    long last = System.nanoTime() + REMOVAL_LIMIT.toNanos();
    do {
      queues.refuseAll(InvocationErrors.serverBusy());
      stopIdle();
    } while (!outstanding.await(Duration.ofMillis(50)) && System.nanoTime() - last < 0);
    if (!outstanding.await(Duration.ZERO)) {
      log.error("Containers were left behind: they could not be removed within {}", REMOVAL_LIMIT);
    }
    disposals.close();
    virtualThreads.shutdown();
    try {
      watcher.close();
      directories.close();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("The folder of socket directories can't be closed");
    }
    try {
      driver.close();
    } finally {
      // What functions wrote last is not lost to a driver of others that fails.
      logs.close();
    }
  }

  /**
   * Waits until no call waits or is executed.
   *
   * @return whether that was so within {@code limit}
   */
  public boolean awaitNoCalls(Duration limit) throws InterruptedException {
    return calls.awaitNone(limit);
  }

  /** Calls that wait or are executed now. */
  public int callsInFlight() {
    return calls.count();
  }

  /** What all containers may take together, and what they have reserved. */
  public ResourceTracker resources() {
    return resources;
  }

  /** Ids that nothing else on this machine has. */
  public IdGenerator ids() {
    return ids;
  }

  /** Containers that are there or being started. */
  public int containers() {
    return queues.containers();
  }

  /** Kinds of containers that are known. */
  int queues() {
    return queues.all().size();
  }

  CallListeners listeners() {
    return listeners;
  }

  ExtensionRunner extensions() {
    return extensions;
  }

  RunnerStats stats() {
    return stats;
  }

  AnswerLimit answerLimit() {
    return answerLimit;
  }

  long nanoTime() {
    return System.nanoTime();
  }

  void ended() {
    calls.ended();
  }

  /** The queue for the containers that can execute this call. */
  SlotQueue<HotContainer> queue(Invocation invocation) {
    return queues.of(invocation, launches);
  }

  private void stopIdle() {
    queues.forEachContainer(container -> container.stopIfIdle("the node stops"));
  }
}
