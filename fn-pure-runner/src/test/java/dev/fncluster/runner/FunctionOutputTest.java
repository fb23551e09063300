package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.logs.LogLine;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.stats.ViewRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent tells the log of a container which call it serves. */
@Timeout(120)
final class FunctionOutputTest {
  private static final Map<String, String> SETTINGS = Map.of("FN_DISABLE_DEBUG_USER_LOGS", "true");

  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  @RegisterExtension final AgentRig rig = new AgentRig().settings(SETTINGS).logs(this::logs);

  private FunctionLogs logs(ViewRegistry registry) {
    FunctionLogs logs =
        FunctionLogs.create(LogSettings.from(Settings.of(SETTINGS)), registry, Clock.systemUTC());
    logs.add(lines::add);
    return logs;
  }

  private List<String> seen() {
    return lines.stream().map(line -> line.callId() + ":" + line.data().toStringUtf8()).toList();
  }

  @Test
  void lineBelongsToTheCallThatTheContainerServes() throws Exception {
    int requests = 0;
    for (String id : List.of("c1", "c2")) {
      int begun = ++requests;
      CompletableFuture<TestCalls.Outcome> call = rig.start(TestCalls.call(id, "sleep:300"), "x");
      AgentRig.soon().until(() -> rig.requests() == begun);
      rig.driver().made().getFirst().write(OutputSource.STDOUT, "during " + id + "\n");
      assertThat(call.get(60, TimeUnit.SECONDS).failure()).isNull();
      rig.driver().made().getFirst().write(OutputSource.STDERR, "late " + id + "\n");
    }
    assertThat(rig.driver().made()).hasSize(1);
    assertThat(seen()).containsExactly("c1:during c1", "c1:late c1", "c2:during c2", "c2:late c2");
    assertThat(lines).allMatch(line -> line.appId().equals("app") && line.fnId().equals("fn"));
  }

  @Test
  void callIsServedThoughItsOutputCanNotBeHad() throws Exception {
    rig.driver().failFollow(new IOException("for the test"));
    TestCalls.Outcome outcome = rig.run(TestCalls.call("c1", "echo"), "x");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo("x");
    assertThat(lines).isEmpty();
  }
}
