package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Freezing as the agent does it, with containers that only say that they are frozen. */
final class FreezingTest {
  private static final long MEBIBYTE = 1024 * 1024;

  private final FakeDriver driver = new FakeDriver().freezing(Duration.ZERO);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EventLoops loops = EventLoops.create(2, "test-loop");
  private final EventLoop loop = loops.loops().getFirst();
  private RunnerAgent agent = agent("20");

  private RunnerAgent agent(String freezeMillis) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    try {
      return new RunnerAgent(
          loops,
          RunnerSettings.from(
              Settings.of(
                  Map.of(
                      "FN_FREEZE_IDLE_MSECS",
                      freezeMillis,
                      // On a busy machine calls wait for longer than this one would let them.
                      "FN_ENABLE_NB_RESOURCE_TRACKER",
                      "false"))),
          driver,
          new ResourceAmount(640 * MEBIBYTE, 4000),
          registry,
          new IdGenerator(1, System::currentTimeMillis),
          Clock.systemUTC());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void restart(String freezeMillis) throws Exception {
    agent.close(Duration.ofSeconds(5));
    agent = agent(freezeMillis);
  }

  @AfterEach
  void nothingIsLeftNorRemovedFrozen() throws Exception {
    agent.close(Duration.ofSeconds(5));
    assertThat(driver.alive()).isZero();
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
    for (FakeDriver.Made each : driver.made()) {
      assertThat(each.ice().overlapped).as("operations overlapped").isFalse();
    }
    loops.close();
  }

  private TestCalls.Outcome run(String mode) throws Exception {
    return TestCalls.run(agent, loop, TestCalls.call("c", mode), "x");
  }

  private int freezes() {
    return driver.made().stream().mapToInt(each -> each.ice().freezes).sum();
  }

  private FakeDriver.Ice ice() {
    return driver.made().getFirst().ice();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(2));
  }

  private long gauge(String state) {
    return (long) meters.get("fn_container_" + state + "_total").gauge().value();
  }

  @Test
  void freezesWhatIsIdleAndThawsItForTheNextCall() throws Exception {
    for (int i = 1; i <= 3; i++) {
      assertThat(run("echo").failure()).isNull();
      int freezes = i;
      soon().until(() -> ice().frozen && ice().freezes == freezes);
      assertThat(gauge("paused")).isEqualTo(1);
      assertThat(gauge("idle")).isZero();
    }
    assertThat(driver.made()).hasSize(1);
    assertThat(ice().thaws).isEqualTo(2);
    agent.close(Duration.ofSeconds(5));
    assertThat(ice().removedWhileFrozen).isFalse();
    assertThat(gauge("paused")).isZero();
    assertThat(meters.get("fn_container_paused_duration_seconds").timer().count()).isEqualTo(3);
  }

  @Test
  void isSwitchedOffByANegativeDelay() throws Exception {
    restart("-1");
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(TestCalls.run(agent, loop, call, "x").failure()).isNull();
    soon().until(() -> driver.alive() == 0);
    assertThat(ice().freezes).isZero();
  }

  @Test
  void freezesAtOnceWithoutADelay() throws Exception {
    restart("0");
    assertThat(run("echo").failure()).isNull();
    soon().until(() -> ice().frozen);
    assertThat(run("echo").failure()).isNull();
  }

  @Test
  void leavesBusyContainersAlone() throws Exception {
    assertThat(run("sleep:300").failure()).isNull();
    assertThat(ice().freezes).isZero();
    soon().until(() -> ice().frozen);
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(agent, loop, TestCalls.call("c", "sleep:400"), "x");
    soon().until(() -> !ice().frozen);
    assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
    assertThat(ice().freezes).isEqualTo(1);
  }

  @Test
  void undoesAFreezingThatACallRanInto() throws Exception {
    driver.freezing(Duration.ofMillis(300));
    assertThat(run("echo").failure()).isNull();
    soon().until(() -> gauge("paused") == 1);
    CompletableFuture<TestCalls.Outcome> running =
        TestCalls.start(agent, loop, TestCalls.call("c", "sleep:1000"), "x");
    soon().until(() -> ice().thaws == 1);
    assertThat(running).isNotDone();
    assertThat(ice().frozen).isFalse();
    assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
  }

  @Test
  void stopsFrozenContainersThatAreIdleForTooLong() throws Exception {
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(TestCalls.run(agent, loop, call, "x").failure()).isNull();
    soon().until(() -> driver.alive() == 0);
    assertThat(ice().freezes).isEqualTo(1);
    assertThat(ice().removedWhileFrozen).isFalse();
  }

  @Test
  void evictsFrozenContainers() throws Exception {
    Call big = TestCalls.call("a", "echo").memory(600);
    assertThat(TestCalls.run(agent, loop, big, "a").failure()).isNull();
    soon().until(() -> ice().frozen);
    Call other = TestCalls.call("b", "echo").memory(300).fnId("other");
    assertThat(TestCalls.run(agent, loop, other, "b").text()).isEqualTo("b");
    soon().until(() -> driver.alive() == 1);
    assertThat(ice().removedWhileFrozen).isFalse();
    assertThat(
            meters
                .get("fn_container_evictions")
                .tags("container_state", "paused", "fn_id", "fn", "app_id", "app")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void aContainerThatCanNotBeThawedFailsItsCallAndIsReplaced() throws Exception {
    assertThat(run("echo").failure()).isNull();
    soon().until(() -> ice().frozen);
    driver.failThaw(new IOException("stuck"));
    TestCalls.Outcome outcome = run("sleep:1000");
    // If the function may have had the call it must not be executed again.
    if (outcome.failure() != null) {
      assertThat(outcome.failure()).isInstanceOf(FnException.class);
      assertThat(((FnException) outcome.failure()).code()).isEqualTo(502);
    } else {
      assertThat(Objects.requireNonNull(driver.made().getLast().function()).requests())
          .isEqualTo(1);
    }
    driver.failThaw(null);
    assertThat(run("echo").failure()).isNull();
    soon().until(() -> driver.alive() == 1);
    assertThat(driver.made()).hasSize(2);
  }

  @Test
  void containersThatDieFrozenAreRemoved() throws Exception {
    assertThat(run("echo").failure()).isNull();
    soon().until(() -> ice().frozen);
    driver.made().getFirst().exit(137);
    soon().until(() -> driver.alive() == 0);
    assertThat(run("echo").failure()).isNull();
  }

  /**
   * Calls come just when containers are being frozen: every one of them finds its function awake.
   */
  @Test
  void neverLeavesACallInAFrozenContainer() throws Exception {
    restart("1");
    driver.freezing(Duration.ofMillis(1));
    Random random = new Random(11);
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int round = 0; round < 150 || (freezes() <= 10 && round < 15_000); round++) {
      soon().until(() -> agent.callsInFlight() < 20);
      for (int i = 0; i <= random.nextInt(3); i++) {
        Call call = TestCalls.call("c" + round, random.nextInt(4) == 0 ? "sleep:3" : "echo");
        all.add(TestCalls.start(agent, loops.loops().get(random.nextInt(2)), call, "x"));
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(4000));
    }
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      assertThat(each.get(60, TimeUnit.SECONDS).failure()).isNull();
    }
    assertThat(freezes()).isGreaterThan(10);
    // All of them are busy at once: all are thawed, and stay so.
    int containers = driver.alive();
    List<CompletableFuture<TestCalls.Outcome>> last = new ArrayList<>();
    for (int i = 0; i < containers; i++) {
      last.add(TestCalls.start(agent, loop, TestCalls.call("l" + i, "sleep:400"), "x"));
    }
    soon().until(() -> gauge("busy") == containers);
    soon().until(() -> driver.made().stream().noneMatch(each -> each.ice().frozen));
    for (CompletableFuture<TestCalls.Outcome> each : last) {
      assertThat(each.get(60, TimeUnit.SECONDS).failure()).isNull();
    }
    agent.close(Duration.ofSeconds(5));
    assertThat(driver.made()).noneMatch(each -> each.ice().removedWhileFrozen);
  }
}
