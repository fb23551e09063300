package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.logs.LogLine;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent tells the log of a container which call it serves. */
@Timeout(120)
final class FunctionOutputTest {
  private final FakeDriver driver = new FakeDriver().startDelay(Duration.ofMillis(5));
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final EventLoop loop = loops.loops().getFirst();
  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  private RunnerAgent agent;

  @BeforeEach
  void open() throws IOException {
    Settings settings = Settings.of(Map.of("FN_DISABLE_DEBUG_USER_LOGS", "true"));
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    FunctionLogs logs =
        FunctionLogs.create(LogSettings.from(settings), registry, Clock.systemUTC());
    logs.add(lines::add);
    agent =
        new RunnerAgent(
            loops,
            RunnerSettings.from(settings),
            driver,
            CallExtensions.none(),
            new ResourceAmount(1L << 30, 4000),
            registry,
            logs,
            new IdGenerator(1, System::currentTimeMillis),
            Clock.systemUTC());
  }

  @AfterEach
  void close() throws Exception {
    agent.close(Duration.ofSeconds(5));
    loops.close();
  }

  private List<String> seen() {
    return lines.stream().map(line -> line.callId() + ":" + line.data().toStringUtf8()).toList();
  }

  @Test
  void lineBelongsToTheCallThatTheContainerServes() throws Exception {
    int requests = 0;
    for (String id : List.of("c1", "c2")) {
      int begun = ++requests;
      CompletableFuture<TestCalls.Outcome> call =
          TestCalls.start(agent, loop, TestCalls.call(id, "sleep:300"), "x");
      await().atMost(Duration.ofSeconds(60)).until(() -> requests() == begun);
      driver.made().getFirst().write(OutputSource.STDOUT, "during " + id + "\n");
      assertThat(call.get(60, TimeUnit.SECONDS).failure()).isNull();
      driver.made().getFirst().write(OutputSource.STDERR, "late " + id + "\n");
    }
    assertThat(driver.made()).hasSize(1);
    assertThat(seen()).containsExactly("c1:during c1", "c1:late c1", "c2:during c2", "c2:late c2");
    assertThat(lines).allMatch(line -> line.appId().equals("app") && line.fnId().equals("fn"));
  }

  private int requests() {
    List<FakeDriver.Made> made = driver.made();
    TestFunction function = made.isEmpty() ? null : made.getFirst().function();
    return function == null ? 0 : function.requests();
  }

  @Test
  void callIsServedThoughItsOutputCanNotBeHad() throws Exception {
    driver.failFollow(new IOException("for the test"));
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, TestCalls.call("c1", "echo"), "x");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo("x");
    assertThat(lines).isEmpty();
  }
}
