package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import io.micrometer.core.instrument.Gauge;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several functions on a runner that has too little room for all of them, on the real engine. */
@Tag("docker")
final class DockerEvictionTest {
  private static final Logger log = LoggerFactory.getLogger(DockerEvictionTest.class);
  private static DockerRig rig;

  private @Nullable RunnerAgent started;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("eviction-test");
  }

  @AfterAll
  static void close() throws Exception {
    rig.close();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    rig.closeAndCheck(agent());
  }

  private void startAgent(long mebibytes, String... environment) throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("FN_HOT_POLL_MSECS", "20");
    all.put("FN_HOT_START_TIMEOUT_MSECS", "20000");
    for (int i = 0; i < environment.length; i += 2) {
      all.put(environment[i], environment[i + 1]);
    }
    started = rig.agent(all, mebibytes);
  }

  private RunnerAgent agent() {
    return Objects.requireNonNull(started);
  }

  private static Call call(String fn, String mode) {
    return TestCalls.call("call-" + fn, mode).fnId(fn).idleTimeout(60).timeout(60);
  }

  private void isServed(String fn) throws Exception {
    TestCalls.Outcome outcome = rig.run(agent(), call(fn, "echo"), fn);
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo(fn);
  }

  private void isRefused(String fn) throws Exception {
    assertThat(InvocationErrors.isServerBusy(rig.run(agent(), call(fn, "echo"), "x").failure()))
        .isTrue();
  }

  private static double frozen() {
    return rig.meters().find("fn_container_paused_total").gauges().stream()
        .mapToDouble(Gauge::value)
        .sum();
  }

  @Test
  void aBusyContainerStays() throws Exception {
    startAgent(160);
    isServed("a");
    OpenBody body = new OpenBody("busy", -1);
    CompletableFuture<TestCalls.Outcome> busy =
        TestCalls.start(agent(), rig.loop(), call("a", "echo"), body, CallContext.create());
    await().atMost(Duration.ofSeconds(60)).until(() -> agent().callsInFlight() == 1);
    isRefused("b");
    body.end(rig.loop(), " no more");
    assertThat(busy.get(60, TimeUnit.SECONDS).text()).isEqualTo("busy no more");
  }

  @Test
  void anIdleContainerMakesRoomFrozenOrNot() throws Exception {
    startAgent(160, "FN_FREEZE_IDLE_MSECS", "100");
    isServed("a");
    isServed("b");
    await().atMost(Duration.ofSeconds(60)).until(() -> frozen() == 1);
    isServed("c");
  }

  @Test
  void aContainerThatStartsStays() throws Exception {
    startAgent(160, "FN_HOT_START_TIMEOUT_MSECS", "3000");
    CompletableFuture<TestCalls.Outcome> hung =
        rig.start(agent(), call("a", "echo").config(Map.of("INIT_DELAY_MS", "600000")), "x");
    await().atMost(Duration.ofSeconds(60)).until(() -> agent().containers() == 1);
    isRefused("b");
    assertThat(hung.get(60, TimeUnit.SECONDS).failure())
        .hasMessageStartingWith("Container initialization timed out");
  }

  @Test
  void aContainerWhoseImageIsPulledStays() throws Exception {
    startAgent(160, "FN_HOT_PULL_TIMEOUT_MSECS", "2000");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      CompletableFuture<TestCalls.Outcome> hung =
          rig.start(
              agent(),
              call("a", "echo").image("127.0.0.1:" + silent.getLocalPort() + "/hung:1"),
              "x");
      await().atMost(Duration.ofSeconds(60)).until(() -> agent().containers() == 1);
      isRefused("b");
      assertThat(hung.get(60, TimeUnit.SECONDS).failure()).hasMessage("Image pull timed out");
    }
  }

  @Test
  void refusesOrServesTwentyCallsAtOnceWithRoomForFive() throws Exception {
    startAgent(280);
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(rig.start(agent(), call("fn", "sleep:3000").memory(50), "x"));
    }
    int served = 0;
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      TestCalls.Outcome outcome = each.get(120, TimeUnit.SECONDS);
      if (outcome.failure() == null) {
        served++;
      } else {
        assertThat(InvocationErrors.isServerBusy(outcome.failure())).isTrue();
      }
    }
    // More than five where a container was started late and took a second call.
    assertThat(served).isBetween(4, 10);
  }

  @Test
  void waitsForRoomWhereItMayNotRefuse() throws Exception {
    startAgent(160, "FN_ENABLE_NB_RESOURCE_TRACKER", "false");
    CompletableFuture<TestCalls.Outcome> a = rig.start(agent(), call("a", "sleep:1000"), "a");
    CompletableFuture<TestCalls.Outcome> b = rig.start(agent(), call("b", "echo"), "b");
    assertThat(a.get(120, TimeUnit.SECONDS).failure()).isNull();
    assertThat(b.get(120, TimeUnit.SECONDS).text()).isEqualTo("b");
  }

  @Test
  void manyFunctionsTakeTurns() throws Exception {
    startAgent(4 * 128);
    for (int round = 0; round < 6; round++) {
      List<CompletableFuture<TestCalls.Outcome>> some = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String fn = "fn" + (round * 4 + i);
        some.add(rig.start(agent(), call(fn, "echo"), fn));
      }
      for (int i = 0; i < 4; i++) {
        TestCalls.Outcome outcome = some.get(i).get(120, TimeUnit.SECONDS);
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.text()).isEqualTo("fn" + (round * 4 + i));
      }
    }
    assertThat(rig.containers().size()).isBetween(1, 5);
  }

  /** Every caller makes its next call when the last has ended. */
  @Test
  void thirtyTwoCallersShareAFewContainers() throws Exception {
    startAgent(32 * 128, "FN_ENABLE_NB_RESOURCE_TRACKER", "false");
    isServed("fn");
    for (int callers : new int[] {8, 32}) {
      long began = System.nanoTime();
      List<CompletableFuture<Integer>> all = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        all.add(calls(2000 / callers));
      }
      for (CompletableFuture<Integer> each : all) {
        assertThat(each.get(120, TimeUnit.SECONDS)).isZero();
      }
      log.warn(
          "{} callers: {} calls/s, {} containers",
          callers,
          2000 * 1_000_000_000L / (System.nanoTime() - began),
          rig.containers().size());
    }
    // A container a caller would be what a small machine does not bear.
    assertThat(rig.containers()).hasSizeLessThanOrEqualTo(8);
  }

  /** Makes {@code left} calls, one after the other; gives how many failed. */
  private CompletableFuture<Integer> calls(int left) {
    return left == 0
        ? CompletableFuture.completedFuture(0)
        : rig.start(agent(), call("fn", "echo"), "x")
            .thenCompose(outcome ->
                calls(left - 1).thenApply(failed -> failed + (outcome.failure() == null ? 0 : 1)));
  }
}
