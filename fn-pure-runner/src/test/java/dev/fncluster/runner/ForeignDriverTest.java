package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.container.GuardedDriver;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ForwardingContainer;
import dev.fncluster.runner.driver.ForwardingDriver;
import dev.fncluster.runner.driver.Freezer;
import dev.fncluster.runner.driver.ImageGoneException;
import dev.fncluster.runner.driver.PreparedImage;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Drivers of others that throw, return null, or hang, at each step of a container's life. */
final class ForeignDriverTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String FAILED = "an extension of this server failed";

  private final FakeDriver fake = new FakeDriver();
  private final Misbehaving driver = new Misbehaving(fake);
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ExtensionRunner.class);
  private @Nullable RunnerAgent agent;

  /** What a step does. */
  enum Fault {
    THROWS,
    NULL,
    HANGS,
    /** Ends in spite of all when the test is over, and not before. */
    HANGS_UNINTERRUPTED
  }

  /** When it does that. */
  enum Step {
    PREPARE,
    CREATE,
    FREEZER,
    HOOKS
  }

  /** A driver that leaves all to another one but for one step. */
  private static final class Misbehaving extends ForwardingDriver {
    final CountDownLatch end = new CountDownLatch(1);
    volatile @Nullable Fault fault;
    volatile @Nullable Step at;

    Misbehaving(ContainerDriver driver) {
      super(driver);
    }

    private interface Made<T> {
      T make() throws InterruptedException;
    }

    @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
    private <T> T at(Step step, Made<T> making) throws InterruptedException {
      Fault now = fault;
      if (now == null || at != step) {
        return making.make();
      }
      return switch (now) {
        case THROWS -> throw new NoSuchMethodError("other version");
        case NULL -> null;
        case HANGS -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
          }
          yield making.make();
        }
        case HANGS_UNINTERRUPTED -> {
          boolean waiting = true;
          while (waiting) {
            try {
              end.await();
              waiting = false;
            } catch (InterruptedException e) {
              // As one does that knows no interrupts.
              Thread.interrupted();
            }
          }
          yield making.make();
        }
      };
    }

    @Override
    public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout)
        throws InterruptedException {
      return at(Step.PREPARE, () -> super.prepareImage(spec, pullTimeout));
    }

    @Override
    public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
        throws InterruptedException {
      return at(Step.CREATE, () -> new Container(super.create(spec, onExit)));
    }

    private final class Container extends ForwardingContainer {
      Container(DriverContainer container) {
        super(container);
      }

      @Override
      public Optional<Freezer> freezer() throws InterruptedException {
        return at(Step.FREEZER, super::freezer);
      }

      @Override
      public Optional<CallHooks> hooks() {
        try {
          return at(Step.HOOKS, super::hooks);
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted", e);
        }
      }
    }
  }

  private RunnerAgent agent(ContainerDriver by) throws Exception {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    agent =
        new RunnerAgent(
            loops,
            RunnerSettings.from(Settings.of(Map.of("FN_HOT_PULL_TIMEOUT_MSECS", "100"))),
            guarded(by),
            new ResourceAmount(1L << 30, 4000),
            registry,
            new IdGenerator(1, System::currentTimeMillis),
            Clock.systemUTC());
    return agent;
  }

  private static GuardedDriver guarded(ContainerDriver by) {
    return new GuardedDriver(
        by, new ExtensionRunner(Duration.ofSeconds(60)), Duration.ofMillis(1000));
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void close() throws Exception {
    driver.end.countDown();
    logger.detachAppender(lines);
    if (agent != null) {
      agent.close(Duration.ofSeconds(5));
      assertThat(agent.callsInFlight()).isZero();
    }
    await().atMost(BOUND).until(() -> fake.alive() == 0);
    loops.close();
  }

  private TestCalls.Outcome run(RunnerAgent by) throws Exception {
    return TestCalls.run(by, loops.loops().getFirst(), TestCalls.call("1", "echo"), "x");
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void whatThrowsReturnsNullOrHangsFailsItsCallAndHoldsNothing(Step step) throws Exception {
    RunnerAgent by = agent(driver);
    driver.at = step;
    for (Fault each : Fault.values()) {
      lines.list.clear();
      driver.fault = each;
      assertFailed(run(by));
      assertThat(lines.list)
          .as("%s %s", step, each)
          .anySatisfy(line ->
              assertThat(line.getKeyValuePairs().toString())
                  .contains(Misbehaving.class.getName())
                  .contains("fn_id=\"fn\"")
                  .contains(
                      switch (each) {
                        case THROWS -> "it failed";
                        case NULL -> "it returned null";
                        case HANGS, HANGS_UNINTERRUPTED -> "it took more than 1";
                      }));
      await().atMost(BOUND).until(() -> by.resources().used().equals(ResourceAmount.NONE));
    }
    driver.fault = null;
    assertThat(run(by).text()).isEqualTo("x");
    driver.end.countDown();
    // What was made too late goes as well; the good one stays.
    await().atMost(BOUND).until(() -> fake.alive() == 1);
  }

  @Test
  void aStartOrRemovalThatHangsEndsToo() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicReference<String> hanging = new AtomicReference<>("start");
    ContainerDriver slow =
        new ForwardingDriver(fake) {
          @Override
          public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
              throws InterruptedException {
            return new ForwardingContainer(super.create(spec, onExit)) {
              @Override
              public void start() throws InterruptedException {
                if ("start".equals(hanging.get())) {
                  never.await();
                }
                super.start();
              }

              @Override
              public void remove() throws InterruptedException {
                if (hanging.compareAndSet("remove", "")) {
                  never.await();
                }
                super.remove();
              }
            };
          }
        };
    RunnerAgent by = agent(slow);
    assertFailed(run(by));
    await().atMost(BOUND).until(() -> fake.alive() == 0);
    hanging.set("");
    assertThat(run(by).text()).isEqualTo("x");
    hanging.set("remove");
    by.close(Duration.ofSeconds(5));
    assertThat(fake.alive()).as("tried again").isZero();
  }

  @Test
  void aSlotKeyThatThrowsIsBlamedOnTheDriverItself() throws Exception {
    fake.slotKeyParts(all -> {
      throw new IllegalStateException("bug");
    });
    assertFailed(run(agent(fake)));
    assertThat(lines.list)
        .anySatisfy(line ->
            assertThat(line.getKeyValuePairs().toString()).contains(FakeDriver.class.getName()));
  }

  @Test
  void whatItMeansForCallersAndOfImagesThatHaveGoneComesThrough() throws Exception {
    RunnerAgent by = agent(fake);
    fake.failWith(spec -> new ServiceException(418, "no"));
    assertThat(run(by).failure()).isInstanceOf(ServiceException.class).hasMessage("no");
    fake.failWith(spec -> new ImageGoneException(new IllegalStateException("gone")));
    assertThat(run(by).failure())
        .isInstanceOfSatisfying(FnException.class, e -> assertThat(e.code()).isEqualTo(503));
    assertThat(lines.list).isEmpty();
  }

  @Test
  void aDriverThatDoesNotTellItsObstacleOrCloseHoldsNobodyUp() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ContainerDriver hanging =
        new ForwardingDriver(fake) {
          @Override
          public Optional<String> obstacle() {
            waitFor(never);
            return Optional.empty();
          }

          @Override
          public void close() {
            waitFor(never);
          }
        };
    RunnerAgent by = agent(hanging);
    assertThat(catchThrowable(by::obstacle)).hasMessage(FAILED);
    assertThat(run(by).text()).isEqualTo("x");
    // This one needs the room of the other, and is decided about on the loop.
    Call big = TestCalls.call("2", "echo").fnId("big").memory(1000);
    CompletableFuture<TestCalls.Outcome> next =
        TestCalls.start(by, loops.loops().getFirst(), big, "y");
    assertThat(next.get(20, TimeUnit.SECONDS).text()).isEqualTo("y");
    assertThat(catchThrowable(() -> by.close(BOUND))).hasMessage(FAILED);
    assertThat(lines.list).hasSizeGreaterThanOrEqualTo(2);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void assertFailed(TestCalls.Outcome outcome) {
    assertThat(outcome.failure())
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(500);
              assertThat(e.publicMessage()).isEqualTo(FAILED);
            });
  }
}
