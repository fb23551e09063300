package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many containers are launched for calls, when they go again, and who gets none. */
final class ContainerSupplyTest {
  @RegisterExtension final AgentRig rig = new AgentRig();

  @Test
  void serves20FirstCallsWithAHandfulOfContainers() throws Exception {
    // On a busy machine calls would otherwise be refused, when all the room is taken.
    rig.settings(Map.of("FN_HOT_POLL_MSECS", "20", "FN_ENABLE_NB_RESOURCE_TRACKER", "false"));
    rig.driver().startDelay(Duration.ofMillis(300));
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(rig.start(TestCalls.call("c" + i, "echo"), "body" + i));
    }
    for (int i = 0; i < 20; i++) {
      TestCalls.Outcome outcome = all.get(i).get(20, TimeUnit.SECONDS);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.text()).isEqualTo("body" + i);
    }
    assertThat(rig.driver().made().size()).isBetween(1, 5);
  }

  @Test
  void queuesShortCallsInsteadOfLaunching() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertThat(rig.run("echo", "warm").failure()).isNull();
    }
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(rig.start(TestCalls.call("c" + i, "echo"), "body"));
    }
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      assertThat(each.get(20, TimeUnit.SECONDS).failure()).isNull();
    }
    assertThat(rig.driver().made()).hasSize(1);
  }

  /** Those that have not ended. */
  private static List<CompletableFuture<TestCalls.Outcome>> unended(
      List<CompletableFuture<TestCalls.Outcome>> calls) {
    return calls.stream().filter(each -> !each.isDone()).toList();
  }

  /** Those of all containers that listen. */
  private Stream<TestFunction> functions() {
    return rig.driver().made().stream().flatMap(each -> Stream.ofNullable(each.function()));
  }

  @Test
  void refusesAtOnceWhatDoesNotFit() throws Exception {
    // Five containers of 128 MiB fit; every one of them is taken until the test says so.
    rig.settings(Map.of("FN_HOT_POLL_MSECS", "20"));
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(rig.start(TestCalls.call("c" + i, "pausing:text/plain").timeout(100), "x"));
    }
    // Nobody waits for a container: whoever has not ended is in a function.
    AgentRig.soon()
        .until(() -> unended(all).size() == functions().mapToInt(TestFunction::requests).sum());
    List<CompletableFuture<TestCalls.Outcome>> refused = new ArrayList<>(all);
    List<CompletableFuture<TestCalls.Outcome>> served = unended(all);
    refused.removeAll(served);
    assertThat(refused)
        .allSatisfy(
            each -> assertThat(InvocationErrors.isServerBusy(each.join().failure())).isTrue());
    AgentRig.soon()
        .until(() -> {
          functions().forEach(TestFunction::goOn);
          return unended(all).isEmpty();
        });
    assertThat(served).hasSizeBetween(4, 5).allMatch(each -> each.join().failure() == null);
    assertThat(rig.driver().made()).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void refusesWhatCanNeverFit() throws Exception {
    Call call = TestCalls.call("c", "echo").memory(-1);
    assertThat(rig.run(call, "x").error().code()).isEqualTo(400);
  }

  @Test
  void evictsIdleContainersOfOthersWhenMemoryIsShort() throws Exception {
    Call big = TestCalls.call("a", "echo").memory(600);
    assertThat(rig.run(big, "a").failure()).isNull();
    Call other = TestCalls.call("b", "echo").memory(300).fnId("other");
    assertThat(rig.run(other, "b").text()).isEqualTo("b");
    AgentRig.soon().until(() -> rig.driver().alive() == 1);
  }

  @Test
  void givesALaunchErrorToItsCauseAndLetsOthersTry() throws Exception {
    List<String> failed = new ArrayList<>();
    rig.driver()
        .failWith(spec -> {
          if (failed.size() < 2) {
            failed.add(spec.id());
            return new IllegalStateException("engine trouble");
          }
          return null;
        });
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(rig.start(TestCalls.call("c" + i, "echo"), "x"));
    }
    int errors = 0;
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      TestCalls.Outcome outcome = each.get(20, TimeUnit.SECONDS);
      if (outcome.failure() != null) {
        assertThat(outcome.error().publicMessage()).isEqualTo("internal server error");
        errors++;
      }
    }
    assertThat(errors).isEqualTo(2);
  }

  @Test
  void givesUpOnFunctionsThatNeverListen() throws Exception {
    rig.settings(Map.of("FN_HOT_START_TIMEOUT_MSECS", "200"));
    rig.driver().silent(true);
    FnException failure = rig.run("echo", "x").error();
    assertThat(failure.code()).isEqualTo(504);
    assertThat(failure.publicMessage()).startsWith("Container initialization timed out");
    // It is not the function that took too long.
    assertThat(rig.count("fn_timeouts")).isZero();
    assertThat(rig.count("fn_errors")).isEqualTo(1);
  }

  @Test
  void replacesContainersThatDieWhileIdle() throws Exception {
    assertThat(rig.run("echo", "one").text()).isEqualTo("one");
    rig.driver().made().getFirst().exit(1);
    TestCalls.Outcome second = rig.run("echo", "two");
    assertThat(second.failure()).isNull();
    assertThat(second.text()).isEqualTo("two");
    assertThat(rig.driver().made()).hasSize(2);
    AgentRig.soon().until(() -> rig.driver().alive() == 1);
  }

  @Test
  void stopsContainersThatAreIdleForTooLong() throws Exception {
    Call call = TestCalls.call("c", "echo").idleTimeout(1);
    assertThat(rig.run(call, "x").failure()).isNull();
    assertThat(rig.driver().made()).hasSize(1);
    AgentRig.soon().until(() -> rig.driver().alive() == 0);
    // The agent hears of it a moment later.
    AgentRig.soon().until(() -> rig.agent().containers() == 0);
  }
}
