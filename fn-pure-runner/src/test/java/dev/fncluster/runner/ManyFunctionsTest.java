package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More functions than there is room for, with containers of this process: nothing is left. */
final class ManyFunctionsTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final int FUNCTIONS = 200;

  @TempDir Path sockets;

  private final FakeDriver driver =
      new FakeDriver().startDelay(Duration.ofMillis(2)).freezing(Duration.ZERO);

  private RunnerAgent agent(EventLoops loops) throws IOException {
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    return new RunnerAgent(
        loops,
        RunnerSettings.from(
            Settings.of(
                Map.of(
                    "FN_IOFS_PATH",
                    sockets.toString(),
                    "FN_FREEZE_IDLE_MSECS",
                    "5",
                    "FN_HOT_POLL_MSECS",
                    "20",
                    "FN_HOT_LAUNCHER_TIMEOUT_MSECS",
                    "1"))),
        driver,
        new ResourceAmount(4 * 128 * MEBIBYTE, 4000),
        registry,
        new IdGenerator(1, System::currentTimeMillis),
        Clock.systemUTC());
  }

  private static long entries(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static long openFiles() {
    return entries(Path.of("/proc/self/fd"));
  }

  private static long threads() {
    return entries(Path.of("/proc/self/task"));
  }

  private void callAll(EventLoops loops, int functions) throws Exception {
    RunnerAgent agent = agent(loops);
    for (int i = 0; i < functions; i += 4) {
      List<CompletableFuture<TestCalls.Outcome>> four = new ArrayList<>();
      for (int j = i; j < i + 4; j++) {
        Call call = TestCalls.call("c" + j, "echo").fnId("fn" + j);
        four.add(TestCalls.start(agent, loops.loops().getFirst(), call, "body " + j));
      }
      for (int j = 0; j < 4; j++) {
        TestCalls.Outcome outcome = four.get(j).get(60, TimeUnit.SECONDS);
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.text()).isEqualTo("body " + (i + j));
      }
      assertThat(agent.resources().used().memory()).isLessThanOrEqualTo(4 * 128 * MEBIBYTE);
    }
    agent.close(Duration.ofSeconds(10));
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
    assertThat(agent.callsInFlight()).isZero();
    assertThat(agent.containers()).isZero();
    assertThat(driver.alive()).isZero();
    assertThat(entries(sockets)).as("socket directories").isZero();
  }

  @Test
  void allAreAnsweredAndNothingIsLeft() throws Exception {
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      // What is there once and for all is there after this.
      callAll(loops, 8);
      long files = openFiles();
      long threads = threads();
      callAll(loops, FUNCTIONS);
      assertThat(driver.made()).hasSizeGreaterThanOrEqualTo(FUNCTIONS);
      assertThat(driver.made()).noneMatch(each -> each.ice().removedWhileFrozen);
      await().atMost(Duration.ofSeconds(60)).until(() -> openFiles() <= files + 2);
      // Carriers of virtual threads and the JVM's own come and go.
      await().atMost(Duration.ofSeconds(60)).until(() -> threads() <= threads + 8);
    }
  }

  @Test
  void queuesOfFunctionsThatNobodyCallsAreForgotten() throws Exception {
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      RunnerAgent agent = agent(loops);
      for (int i = 0; i < 12; i++) {
        Call call = TestCalls.call("c" + i, "echo").fnId("fn" + i).idleTimeout(1);
        assertThat(TestCalls.run(agent, loops.loops().getFirst(), call, "x").failure()).isNull();
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> agent.queues() == 0);
      agent.close(Duration.ofSeconds(10));
    }
  }
}
