package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Hooks around calls that do not come back. */
final class HangingHooksTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @Test
  void whatHangsFailsItsCallAndStopsItsContainer() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    FakeDriver driver =
        new FakeDriver()
            .hooks(
                new CallHooks() {
                  @Override
                  public void before(Call call) throws Exception {
                    if (call.id().equals("before")) {
                      never.await();
                    }
                  }

                  @Override
                  public void after(Call call) throws Exception {
                    if (call.id().equals("after")) {
                      never.await();
                    }
                  }
                });
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      RunnerAgent agent =
          new RunnerAgent(
              loops,
              RunnerSettings.from(Settings.of(Map.of())),
              driver,
              new CallExtensions(List.of(), List.of(), new ExtensionRunner(Duration.ofMillis(500))),
              new ResourceAmount(1L << 30, 4000),
              registry,
              FunctionLogs.none(registry),
              new IdGenerator(1, System::currentTimeMillis),
              Clock.systemUTC());
      for (String each : List.of("before", "after")) {
        assertThat(
                TestCalls.run(agent, loops.loops().getFirst(), TestCalls.call(each, "echo"), "x")
                    .failure())
            .as(each)
            .isInstanceOfSatisfying(
                FnException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(500);
                  assertThat(e.publicMessage()).isEqualTo("an extension of this server failed");
                });
        await().atMost(BOUND).until(() -> driver.alive() == 0);
      }
      await()
          .atMost(BOUND)
          .untilAsserted(() ->
              assertThat(
                      TestCalls.run(
                              agent, loops.loops().getFirst(), TestCalls.call("well", "echo"), "x")
                          .text())
                  .isEqualTo("x"));
      agent.close(Duration.ofSeconds(5));
      assertThat(driver.alive()).isZero();
    }
  }
}
