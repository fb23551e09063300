package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.testing.Standstill;
import dev.fncluster.api.testing.WaitingThread;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ForwardingContainer;
import dev.fncluster.runner.driver.ForwardingDriver;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.driver.PreparedImage;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What engines, registries and functions do wrong while containers are launched. */
final class TroubledLaunchesTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String SLOW = "slow/image:1";

  private final FakeDriver functions = new FakeDriver().startDelay(Duration.ofMillis(5));
  private final EventLoops loops = EventLoops.create(2, "test-loop");
  private final List<RunnerAgent> agents = new ArrayList<>();

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private RunnerAgent agent(ContainerDriver driver, Map<String, String> environment)
      throws IOException {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    RunnerAgent agent =
        new RunnerAgent(
            loops,
            RunnerSettings.from(Settings.of(environment)),
            driver,
            new ResourceAmount(640L << 20, 4000),
            registry,
            new IdGenerator(1, System::currentTimeMillis),
            Clock.systemUTC());
    agents.add(agent);
    return agent;
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (RunnerAgent agent : agents) {
      agent.close(Duration.ofSeconds(5));
      assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
      assertThat(agent.callsInFlight()).isZero();
    }
    assertThat(functions.alive()).as("containers left behind").isZero();
    loops.close();
  }

  private EventLoop loop(int index) {
    return loops.loops().get(index);
  }

  private CompletableFuture<TestCalls.Outcome> start(RunnerAgent agent, Call call) {
    return TestCalls.start(agent, loop(0), call, "x");
  }

  private static FnException error(CompletableFuture<TestCalls.Outcome> call) throws Exception {
    return (FnException)
        Objects.requireNonNull(call.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure());
  }

  private static void waitFor(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Images of that name come when the latch says so. */
  private ContainerDriver pulling(CountDownLatch registry) {
    return new ForwardingDriver(functions) {
      @Override
      public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
          throws InterruptedException {
        if (spec.image().equals(SLOW)) {
          waitFor(registry);
        }
        return super.prepareImage(spec, pullTimeout);
      }
    };
  }

  private static Call slow(int index) {
    return TestCalls.call("slow" + index, "echo").fnId("slow" + index).image(SLOW).memory(64);
  }

  @Test
  void pullsThatHangDoNotKeepOtherFunctionsFromStarting() throws Exception {
    CountDownLatch registry = new CountDownLatch(1);
    RunnerAgent agent = agent(pulling(registry), Map.of("FN_MAX_CONCURRENT_STARTS", "2"));
    List<CompletableFuture<TestCalls.Outcome>> slow = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      slow.add(start(agent, slow(i)));
    }
    TestCalls.Outcome other =
        start(agent, TestCalls.call("other", "echo")).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(other.failure()).isNull();

    registry.countDown();
    for (CompletableFuture<TestCalls.Outcome> each : slow) {
      assertThat(each.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    }
  }

  @Test
  void pullsThatHangTakeNoRoomFromOtherFunctions() throws Exception {
    CountDownLatch registry = new CountDownLatch(1);
    RunnerAgent agent =
        agent(
            pulling(registry),
            Map.of("FN_MAX_CONCURRENT_STARTS", "2", "FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    CompletableFuture<TestCalls.Outcome> warm = start(agent, TestCalls.call("warm", "echo"));
    assertThat(warm.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    ResourceAmount ofOne = agent.resources().used();
    List<CompletableFuture<TestCalls.Outcome>> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(start(agent, slow(i).memory(128)));
    }
    await()
        .atMost(LIMIT)
        .until(() -> agent.containers() == 9 && agent.resources().used().equals(ofOne));
    CompletableFuture<TestCalls.Outcome> other =
        start(agent, TestCalls.call("other", "echo").fnId("other"));
    assertThat(other.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    assertThat(functions.alive()).as("the warm one, too").isEqualTo(2);

    registry.countDown();
    for (CompletableFuture<TestCalls.Outcome> each : slow) {
      assertThat(each.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    }
  }

  @Test
  void whatWasPulledWaitsForItsTurnToStart() throws Exception {
    CountDownLatch registry = new CountDownLatch(1);
    AtomicInteger pulls = new AtomicInteger();
    AtomicInteger starting = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ContainerDriver driver =
        new ForwardingDriver(pulling(registry)) {
          @Override
          public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
              throws InterruptedException {
            pulls.incrementAndGet();
            return super.prepareImage(spec, pullTimeout);
          }

          @Override
          public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
              throws InterruptedException {
            most.accumulateAndGet(starting.incrementAndGet(), Math::max);
            return new ForwardingContainer(super.create(spec, onExit)) {
              @Override
              public Optional<Freezer> freezer() throws InterruptedException {
                starting.decrementAndGet();
                return super.freezer();
              }
            };
          }
        };
    functions.startDelay(Duration.ofMillis(50));
    RunnerAgent agent = agent(driver, Map.of("FN_MAX_CONCURRENT_STARTS", "2"));
    List<CompletableFuture<TestCalls.Outcome>> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(start(agent, slow(i)));
    }
    await().atMost(LIMIT).until(() -> pulls.get() == 8);
    registry.countDown();
    for (CompletableFuture<TestCalls.Outcome> each : slow) {
      assertThat(each.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    }
    assertThat(most.get()).isEqualTo(2);
  }

  /** How many launches have had their image, and all else that comes before the engine's part. */
  private long prepared() {
    DistributionSummary phase =
        meters.find("fn_container_launch_latency").tags("phase", "prepare").summary();
    return phase == null ? 0 : phase.count();
  }

  /** Says when it is to make a container, and makes it when {@code engine} says so. */
  private static ContainerDriver making(
      ContainerDriver driver, CountDownLatch making, CountDownLatch engine) {
    return new ForwardingDriver(driver) {
      @Override
      public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
          throws InterruptedException {
        making.countDown();
        waitFor(engine);
        return super.create(spec, onExit);
      }
    };
  }

  @Test
  void whatAContainerWaitedForItsTurnIsNoPartOfItsStart() throws Exception {
    CountDownLatch registry = new CountDownLatch(1);
    CountDownLatch making = new CountDownLatch(1);
    CountDownLatch engine = new CountDownLatch(1);
    RunnerAgent agent =
        agent(making(pulling(registry), making, engine), Map.of("FN_MAX_CONCURRENT_STARTS", "1"));
    CompletableFuture<TestCalls.Outcome> slow = start(agent, slow(1));
    start(agent, TestCalls.call("other", "echo"));
    waitFor(making);
    registry.countDown();
    await().atMost(LIMIT).until(() -> prepared() == 2);
    assertThat(Standstill.of(() -> functions.made().size())).isZero();
    long began = System.nanoTime();
    engine.countDown();
    Call call = slow.get(LIMIT.toSeconds(), TimeUnit.SECONDS).call();
    assertThat(call.timings().containerCreateNanos()).isBetween(1L, System.nanoTime() - began);
  }

  @Test
  void whatWaitsForItsTurnGivesUpWhenTheNodeStops() throws Exception {
    CountDownLatch registry = new CountDownLatch(1);
    CountDownLatch making = new CountDownLatch(1);
    CountDownLatch engine = new CountDownLatch(1);
    ContainerDriver driver = making(pulling(registry), making, engine);
    RunnerAgent agent = agent(driver, Map.of("FN_MAX_CONCURRENT_STARTS", "1"));
    CompletableFuture<TestCalls.Outcome> slow = start(agent, slow(1));
    CompletableFuture<TestCalls.Outcome> other = start(agent, TestCalls.call("other", "echo"));
    waitFor(making);
    registry.countDown();
    await().atMost(LIMIT).until(() -> prepared() == 2);
    Future<Void> closed = WaitingThread.start(() -> agent.close(Duration.ofSeconds(5)));
    engine.countDown();
    closed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(functions.made()).as("containers that were made for nobody").hasSize(1);
    assertThat(error(slow).code()).isEqualTo(503);
    assertThat(error(other).code()).isEqualTo(503);
  }

  /** It binds its socket, takes the connection, and then finds that it lacks a library. */
  @Test
  void aFunctionThatDiesAsSoonAsItListensIsNotStartedForEver() throws Exception {
    ContainerDriver driver =
        new ForwardingDriver(functions) {
          @Override
          public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
              throws InterruptedException {
            FakeDriver.Made made = (FakeDriver.Made) super.create(spec, onExit);
            return new ForwardingContainer(made) {
              @Override
              public Optional<Freezer> freezer() {
                made.exit(1);
                try {
                  Files.delete(Path.of(spec.socketDirectory(), "lsnr.sock"));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                return Optional.empty();
              }
            };
          }
        };
    RunnerAgent agent = agent(driver, Map.of());
    FnException failure = error(start(agent, TestCalls.call("c", "echo")));
    assertThat(failure.code()).isEqualTo(502);
    assertThat(failure.publicMessage())
        .isEqualTo(InvocationErrors.containerInitFail().publicMessage());
    assertThat(functions.made()).hasSizeBetween(1, 3);
    await().atMost(LIMIT).until(() -> functions.alive() == 0);
  }

  /** Their engine ended, and nobody has told yet. */
  @Test
  void containersThatWereIdleAndAreDeadDoNotSpeakAgainstTheFunction() throws Exception {
    functions.startDelay(Duration.ofMillis(300));
    RunnerAgent agent = agent(functions, Map.of("FN_MAX_CONCURRENT_STARTS", "8"));
    CallContext context = CallContext.create();
    List<CompletableFuture<TestCalls.Outcome>> left = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Call call = TestCalls.call("c" + i, "echo").memory(64);
      left.add(TestCalls.start(agent, loop(0), call, EmptyBody.create(), context));
    }
    await().atMost(LIMIT).until(() -> functions.made().size() >= 3);
    context.cancel(CancelCause.CLIENT_GONE);
    for (CompletableFuture<TestCalls.Outcome> each : left) {
      assertThat(error(each).code()).isEqualTo(444);
    }
    await().atMost(LIMIT).until(() -> idle() == agent.containers());
    List<FakeDriver.Made> dead = functions.made();
    assertThat(idle()).isEqualTo(dead.size());
    for (FakeDriver.Made each : dead) {
      TestFunction function = Objects.requireNonNull(each.function());
      function.close();
      await().atMost(LIMIT).until(function::isOver);
    }
    // After the second turn the loop has seen what was there before the first one.
    for (int turn = 0; turn < 2; turn++) {
      loop(0).submit(() -> {}).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    TestCalls.Outcome next =
        start(agent, TestCalls.call("next", "echo").memory(64))
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(next.failure()).isNull();
    assertThat(functions.made()).hasSize(dead.size() + 1);
  }

  private long idle() {
    return (long) meters.get("fn_container_idle_total").gauge().value();
  }

  @Test
  void noContainerIsStoppedForAnotherThatCanNotBeMade() throws Exception {
    AtomicBoolean away = new AtomicBoolean();
    ContainerDriver driver =
        new ForwardingDriver(functions) {
          @Override
          public Optional<String> obstacle() {
            return away.get() ? Optional.of("the engine is away") : Optional.empty();
          }
        };
    RunnerAgent agent = agent(driver, Map.of());
    Call first = TestCalls.call("a", "echo").memory(600);
    assertThat(start(agent, first).get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    away.set(true);
    Call other = TestCalls.call("b", "echo").memory(300).fnId("other");
    assertThat(error(start(agent, other)).code()).isEqualTo(503);
    Call again = TestCalls.call("a", "echo").memory(600);
    assertThat(start(agent, again).get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
    assertThat(functions.made()).hasSize(1);
  }

  private interface Removal {
    void run() throws InterruptedException;
  }

  /** A driver whose containers don't start; what happens before each removal is the test's. */
  private ContainerDriver unstartable(Removal beforeRemoval) {
    return new ForwardingDriver(functions) {
      @Override
      public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
          throws InterruptedException {
        return new ForwardingContainer(super.create(spec, onExit)) {
          @Override
          public void start() {
            throw InvocationErrors.serverBusy();
          }

          @Override
          public void remove() throws InterruptedException {
            beforeRemoval.run();
            super.remove();
          }
        };
      }
    };
  }

  @Test
  void aContainerThatCouldNotStartIsRemovedByAnEngineThatIsBackLater() throws Exception {
    CountDownLatch back = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    RunnerAgent agent =
        agent(
            unstartable(() -> {
              attempts.incrementAndGet();
              if (back.getCount() > 0) {
                throw new IllegalStateException("the engine is away");
              }
            }),
            Map.of());
    assertThat(error(start(agent, TestCalls.call("c", "echo"))).code()).isEqualTo(503);
    await().atMost(LIMIT).until(() -> attempts.get() > 0);
    assertThat(agent.resources().used()).as("it may run").isNotEqualTo(ResourceAmount.NONE);
    back.countDown();
    await().atMost(LIMIT).until(() -> functions.alive() == 0);
    await().atMost(LIMIT).until(() -> agent.resources().used().equals(ResourceAmount.NONE));
  }

  @Test
  void aContainerThatCanNotBeRemovedIsNotWaitedForByCalls() throws Exception {
    CountDownLatch back = new CountDownLatch(1);
    RunnerAgent agent =
        agent(
            unstartable(() -> {
              if (back.getCount() > 0) {
                throw new IllegalStateException("its disk is busy");
              }
            }),
            Map.of());
    try {
      Call first = TestCalls.call("a", "echo").memory(600);
      assertThat(error(start(agent, first)).code()).isEqualTo(503);
      Call next = TestCalls.call("b", "echo").memory(600);
      assertThat(error(start(agent, next)).code()).isEqualTo(503);
      assertThat(functions.made()).as("there was no room for the second").hasSize(1);
    } finally {
      back.countDown();
    }
  }

  @Test
  void anErrorIsNotHeldUpByTheRemovalOfTheContainer() throws Exception {
    CountDownLatch removal = new CountDownLatch(1);
    RunnerAgent agent = agent(unstartable(() -> waitFor(removal)), Map.of());
    try {
      assertThat(error(start(agent, TestCalls.call("c", "echo"))).code()).isEqualTo(503);
    } finally {
      removal.countDown();
    }
  }

  /** The call is cancelled, and the container dies, while the container is on its way to it. */
  @Test
  void aContainerThatDiesOnItsWayToACallThatLeftIsRemoved() throws Exception {
    RunnerAgent agent = agent(functions, Map.of("FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    CompletableFuture<TestCalls.Outcome> first =
        start(agent, TestCalls.call("first", "pausing:text/plain").memory(600));
    await().atMost(LIMIT).until(() -> !functions.made().isEmpty());
    FakeDriver.Made made = functions.made().getFirst();
    await().atMost(LIMIT).until(() -> made.function() != null && made.function().requests() == 1);
    CallContext context = CallContext.create();
    Call waiting = TestCalls.call("second", "echo").memory(600);
    CompletableFuture<TestCalls.Outcome> second =
        TestCalls.start(agent, loop(1), waiting, EmptyBody.create(), context);
    await().atMost(LIMIT).until(() -> agent.callsInFlight() == 2);

    CountDownLatch blocked = new CountDownLatch(1);
    loop(1).execute(() -> assertThat(awaitUninterrupted(blocked)).isTrue());
    try {
      context.cancel(CancelCause.CLIENT_GONE);
      Objects.requireNonNull(made.function()).goOn();
      assertThat(first.get(LIMIT.toSeconds(), TimeUnit.SECONDS).failure()).isNull();
      made.exit(1);
    } finally {
      blocked.countDown();
    }
    assertThat(error(second).code()).isEqualTo(444);
    await().atMost(LIMIT).until(() -> functions.alive() == 0);
  }

  private static boolean awaitUninterrupted(CountDownLatch latch) {
    try {
      return latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
