package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a driver does around calls. */
final class CallHooksTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final ServiceException REFUSAL = new ServiceException(418, "not today");

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private volatile @Nullable Exception beforeFails;
  private volatile @Nullable Exception afterFails;
  private volatile boolean waits;

  private final FakeDriver driver =
      new FakeDriver()
          .hooks(
              new CallHooks() {
                @Override
                public void before(Call call) throws Exception {
                  log.add("before " + call.id());
                  assertThat(Thread.currentThread().isVirtual()).isTrue();
                  if (waits) {
                    mayGoOn.await();
                  }
                  fail(beforeFails);
                }

                @Override
                public void after(Call call) throws Exception {
                  log.add("after " + call.id());
                  fail(afterFails);
                }

                private void fail(@Nullable Exception failure) throws Exception {
                  if (failure != null) {
                    throw failure;
                  }
                }
              });
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final RunnerAgent agent = agent();

  private RunnerAgent agent() {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    try {
      return new RunnerAgent(
          loops,
          RunnerSettings.from(Settings.of(Map.of())),
          driver,
          new ResourceAmount(1L << 30, 4000),
          registry,
          new IdGenerator(1, System::currentTimeMillis),
          Clock.systemUTC());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() throws Exception {
    mayGoOn.countDown();
    agent.close(Duration.ofSeconds(5));
    assertThat(driver.alive()).isZero();
    assertThat(agent.callsInFlight()).isZero();
    loops.close();
  }

  private TestCalls.Outcome run(String id, String mode) throws Exception {
    return TestCalls.run(agent, loops.loops().getFirst(), TestCalls.call(id, mode), "x");
  }

  @Test
  void goAroundEveryCallHoweverItEnds() throws Exception {
    assertThat(run("1", "echo").text()).isEqualTo("x");
    assertThat(run("2", "status:502").failure()).hasMessage("function failed");
    assertThat(run("3", "echo").text()).isEqualTo("x");
    assertThat(log)
        .containsExactly("before 1", "after 1", "before 2", "after 2", "before 3", "after 3");
    assertThat(driver.made()).as("the container is kept").hasSize(1);
    assertThat(driver.alive()).isEqualTo(1);
  }

  @Test
  void aFailureBeforeACallIsItsResultAndStopsTheContainer() throws Exception {
    beforeFails = REFUSAL;
    assertThat(run("1", "echo").failure()).isSameAs(REFUSAL);
    assertThat(log).containsExactly("before 1");
    await().atMost(BOUND).until(() -> driver.alive() == 0);
    assertThat(driver.made().getFirst().function()).isNotNull();
    assertThat(driver.made().getFirst().function().requests()).isZero();
    beforeFails = null;
    assertThat(run("2", "echo").text()).isEqualTo("x");
  }

  @Test
  void aFailureAfterACallIsItsResultIfItHadNone() throws Exception {
    afterFails = REFUSAL;
    assertThat(run("1", "echo").failure()).isSameAs(REFUSAL);
    await().atMost(BOUND).until(() -> driver.alive() == 0);
    assertThat(run("2", "status:502").failure()).hasMessage("function failed");
    await().atMost(BOUND).until(() -> driver.alive() == 0);
    assertThat(log).containsExactly("before 1", "after 1", "before 2", "after 2");
  }

  @Test
  void whatIsNotMeantForCallersStaysInTheLog() throws Exception {
    beforeFails = new IllegalStateException("secret");
    FnException failure = (FnException) run("1", "echo").failure();
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(500);
    assertThat(failure.publicMessage()).isEqualTo("an extension of this server failed");
  }

  @Test
  void aCallMayBeCancelledMeanwhile() throws Exception {
    waits = true;
    CallContext context = CallContext.create();
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(
            agent,
            loops.loops().getFirst(),
            TestCalls.call("1", "echo"),
            EmptyBody.create(),
            context);
    await().atMost(BOUND).until(() -> !log.isEmpty());
    context.cancel(CancelCause.CLIENT_GONE);
    FnException failure = (FnException) running.get(60, TimeUnit.SECONDS).failure();
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(444);
    assertThat(log).containsExactly("before 1");
    waits = false;
    mayGoOn.countDown();
    await().atMost(BOUND).until(() -> log.contains("after 1"));
    assertThat(run("2", "echo").text()).isEqualTo("x");
    assertThat(driver.made()).as("the container is kept").hasSize(1);
    assertThat(driver.made().getFirst().function()).isNotNull();
    assertThat(driver.made().getFirst().function().requests()).isEqualTo(1);
  }

  @Test
  void aContainerThatHangsUpMeanwhileGetsNoCall() throws Exception {
    waits = true;
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(
            agent,
            loops.loops().getFirst(),
            TestCalls.call("1", "echo"),
            EmptyBody.create(),
            CallContext.create());
    await().atMost(BOUND).until(() -> !log.isEmpty());
    driver.made().getFirst().exit(1);
    waits = false;
    mayGoOn.countDown();
    assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
    assertThat(log).containsExactly("before 1", "after 1", "before 1", "after 1");
    assertThat(driver.made()).hasSize(2);
  }
}
