package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.runner.driver.CallHooks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hooks around calls that do not come back. */
final class HangingHooksTest {
  @RegisterExtension
  final AgentRig rig =
      new AgentRig()
          .extensions(
              new CallExtensions(
                  List.of(), List.of(), new ExtensionRunner(Duration.ofMillis(500))));

  @Test
  void whatHangsFailsItsCallAndStopsItsContainer() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    rig.driver()
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
    for (String each : List.of("before", "after")) {
      FnException failure = rig.run(TestCalls.call(each, "echo"), "x").error();
      assertThat(failure.code()).as(each).isEqualTo(500);
      assertThat(failure.publicMessage()).as(each).isEqualTo("an extension of this server failed");
      AgentRig.soon().until(() -> rig.driver().alive() == 0);
    }
    AgentRig.soon()
        .untilAsserted(
            () -> assertThat(rig.run(TestCalls.call("well", "echo"), "x").text()).isEqualTo("x"));
  }
}
