package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.testing.Standstill;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Freezing as the agent does it, with containers that only say that they are frozen. */
final class FreezingTest {
  @RegisterExtension final AgentRig rig = new AgentRig(2).settings(delay("20"));
  private final FakeDriver driver = rig.driver().freezing(Duration.ZERO);

  private static Map<String, String> delay(String millis) {
    return Map.of("FN_FREEZE_IDLE_MSECS", millis);
  }

  @AfterEach
  void operationsOnAContainerDoNotOverlap() throws Exception {
    rig.agent().close(Duration.ofSeconds(5));
    for (FakeDriver.Made each : driver.made()) {
      assertThat(each.ice().overlapped).as("operations overlapped").isFalse();
    }
  }

  private TestCalls.Outcome run(String mode) throws Exception {
    return rig.run(mode, "x");
  }

  private int freezes() {
    return driver.made().stream().mapToInt(each -> each.ice().freezes).sum();
  }

  private FakeDriver.Ice ice() {
    return driver.made().getFirst().ice();
  }

  private long gauge(String state) {
    return (long) rig.meters().get("fn_container_" + state + "_total").gauge().value();
  }

  @Test
  void freezesWhatIsIdleAndThawsItForTheNextCall() throws Exception {
    for (int i = 1; i <= 3; i++) {
      assertThat(run("echo").failure()).isNull();
      int freezes = i;
      AgentRig.soon().until(() -> ice().frozen && ice().freezes == freezes);
      assertThat(gauge("paused")).isEqualTo(1);
      assertThat(gauge("idle")).isZero();
    }
    assertThat(driver.made()).hasSize(1);
    assertThat(ice().thaws).isEqualTo(2);
    rig.agent().close(Duration.ofSeconds(5));
    assertThat(ice().removedWhileFrozen).isFalse();
    assertThat(gauge("paused")).isZero();
    assertThat(rig.meters().get("fn_container_paused_duration_seconds").timer().count())
        .isEqualTo(3);
  }

  @Test
  void isSwitchedOffByANegativeDelay() throws Exception {
    rig.settings(delay("-1"));
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(rig.run(call, "x").failure()).isNull();
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(ice().freezes).isZero();
  }

  @Test
  void freezesAtOnceWithoutADelay() throws Exception {
    rig.settings(delay("0"));
    assertThat(run("echo").failure()).isNull();
    AgentRig.soon().until(() -> ice().frozen);
    assertThat(run("echo").failure()).isNull();
  }

  @Test
  void leavesBusyContainersAlone() throws Exception {
    for (int freezes = 0; freezes < 2; freezes++) {
      CompletableFuture<TestCalls.Outcome> running = startPausing();
      int calls = freezes + 1;
      AgentRig.soon().until(() -> rig.requests() == calls && !ice().frozen);
      // Many times the delay: that it is not frozen can be told by time alone.
      assertThat(Standstill.of(() -> ice().freezes)).isEqualTo(freezes);
      rig.function().goOn();
      assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
      AgentRig.soon().until(() -> ice().frozen);
    }
  }

  /** Starts a call that ends when the test says so. */
  private CompletableFuture<TestCalls.Outcome> startPausing() {
    return rig.start(TestCalls.call("c", "pausing:text/plain"), "x");
  }

  @Test
  void undoesAFreezingThatACallRanInto() throws Exception {
    driver.freezing(Duration.ofMillis(300));
    assertThat(run("echo").failure()).isNull();
    AgentRig.soon().until(() -> gauge("paused") == 1);
    CompletableFuture<TestCalls.Outcome> running = startPausing();
    AgentRig.soon().until(() -> ice().thaws == 1);
    assertThat(ice().frozen).isFalse();
    rig.function().goOn();
    assertThat(running.get(60, TimeUnit.SECONDS).failure()).isNull();
  }

  @Test
  void stopsFrozenContainersThatAreIdleForTooLong() throws Exception {
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(rig.run(call, "x").failure()).isNull();
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(ice().freezes).isEqualTo(1);
    assertThat(ice().removedWhileFrozen).isFalse();
  }

  @Test
  void evictsFrozenContainers() throws Exception {
    Call big = TestCalls.call("a", "echo").memory(600);
    assertThat(rig.run(big, "a").failure()).isNull();
    AgentRig.soon().until(() -> ice().frozen);
    Call other = TestCalls.call("b", "echo").memory(300).fnId("other");
    assertThat(rig.run(other, "b").text()).isEqualTo("b");
    AgentRig.soon().until(() -> driver.alive() == 1);
    assertThat(ice().removedWhileFrozen).isFalse();
    assertThat(
            rig.meters()
                .get("fn_container_evictions")
                .tags("container_state", "paused", "fn_id", "fn", "app_id", "app")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void aContainerThatCanNotBeThawedFailsItsCallAndIsReplaced() throws Exception {
    assertThat(run("echo").failure()).isNull();
    AgentRig.soon().until(() -> ice().frozen);
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
    AgentRig.soon().until(() -> driver.alive() == 1);
    assertThat(driver.made()).hasSize(2);
  }

  @Test
  void containersThatDieFrozenAreRemoved() throws Exception {
    assertThat(run("echo").failure()).isNull();
    AgentRig.soon().until(() -> ice().frozen);
    driver.made().getFirst().exit(137);
    AgentRig.soon().until(() -> driver.alive() == 0);
    assertThat(run("echo").failure()).isNull();
  }

  /**
   * Calls come just when containers are being frozen: every one of them finds its function awake.
   */
  @Test
  void neverLeavesACallInAFrozenContainer() throws Exception {
    // On a busy machine calls wait for longer than this one would let them.
    rig.settings(Map.of("FN_FREEZE_IDLE_MSECS", "1", "FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    driver.freezing(Duration.ofMillis(1));
    Random random = new Random(11);
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int round = 0; round < 150 || (freezes() <= 10 && round < 15_000); round++) {
      AgentRig.soon().until(() -> rig.agent().callsInFlight() < 20);
      for (int i = 0; i <= random.nextInt(3); i++) {
        Call call = TestCalls.call("c" + round, random.nextInt(4) == 0 ? "sleep:3" : "echo");
        all.add(
            TestCalls.start(rig.agent(), rig.loops().loops().get(random.nextInt(2)), call, "x"));
      }
      // Clients that call now and then: the pauses are what makes calls meet freezings.
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
      last.add(rig.start(TestCalls.call("l" + i, "pausing:text/plain"), "x"));
    }
    AgentRig.soon().until(() -> gauge("busy") == containers);
    AgentRig.soon().until(() -> driver.made().stream().noneMatch(each -> each.ice().frozen));
    driver.made().forEach(each -> Objects.requireNonNull(each.function()).goOn());
    for (CompletableFuture<TestCalls.Outcome> each : last) {
      assertThat(each.get(60, TimeUnit.SECONDS).failure()).isNull();
    }
    rig.agent().close(Duration.ofSeconds(5));
    assertThat(driver.made()).noneMatch(each -> each.ice().removedWhileFrozen);
  }
}
