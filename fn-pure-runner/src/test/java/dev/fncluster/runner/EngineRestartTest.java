package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.resource.ResourceAmount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A runner whose engine goes and comes back. */
@Tag("docker")
final class EngineRestartTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private final AtomicInteger calls = new AtomicInteger();

  private Call call(String fn) {
    return TestCalls.call("c" + calls.incrementAndGet(), "echo").fnId(fn);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callsFailCleanlyAndTheRunnerRecovers(boolean gracefully) throws Exception {
    try (OwnEngine engine = OwnEngine.start();
        DockerRig rig = new DockerRig("restart", engine.client())) {
      RunnerAgent agent =
          rig.agent(
              Map.of("DOCKER_HOST", engine.host(), "FN_EXPERIMENTAL_PREFORK_POOL_SIZE", "1"), 512);
      assertThat(rig.run(agent, call("warm"), "x").failure()).isNull();
      await()
          .atMost(LIMIT)
          .until(() -> rig.meters().get("fn_container_paused_total").gauge().value() == 1);

      engine.stopDaemon(gracefully);
      FnException away =
          (FnException) Objects.requireNonNull(rig.run(agent, call("new"), "x").failure());
      assertThat(away.code()).as("another runner may have it").isEqualTo(503);
      await().atMost(LIMIT).until(() -> agent.obstacle().isPresent());

      engine.startDaemon();
      await().atMost(LIMIT).until(() -> agent.obstacle().isEmpty());
      for (String fn : new String[] {"new", "warm"}) {
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () -> assertThat(rig.run(agent, call(fn), "x").failure()).as(fn).isNull());
      }
      // Network namespaces are there again too, sooner or later.
      AtomicInteger late = new AtomicInteger();
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            String fn = "late" + late.incrementAndGet();
            assertThat(rig.run(agent, call(fn), "x").failure()).as(fn).isNull();
            assertThat(networkModes(rig)).anyMatch(mode -> mode.startsWith("container:"));
          });
      rig.closeAndCheck(agent);
      assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
    }
  }

  @Test
  void containersThatLiveOnAreServedAndHeardAgain() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (OwnEngine engine = OwnEngine.start("--live-restore");
        DockerRig rig = new DockerRig("restart", engine.client())) {
      RunnerAgent agent =
          rig.agent(
              Map.of("DOCKER_HOST", engine.host(), "FN_FREEZE_IDLE_MSECS", "-1"),
              512,
              Cgroups.in(Path.of("/")),
              line -> lines.add(line.data().toStringUtf8()));
      print(rig, agent, "before");
      await().atMost(LIMIT).until(() -> lines.contains("before"));

      engine.stopDaemon(false);
      await().atMost(LIMIT).until(() -> agent.obstacle().isPresent());
      print(rig, agent, "meanwhile");

      engine.startDaemon();
      await().atMost(LIMIT).until(() -> lines.contains("-----some output may be lost here-----"));
      await().atMost(LIMIT).until(() -> agent.obstacle().isEmpty());
      print(rig, agent, "after");
      await().atMost(LIMIT).until(() -> lines.contains("after"));
      assertThat(rig.containers()).as("one has served all calls").hasSize(1);
      rig.closeAndCheck(agent);
    }
  }

  private void print(DockerRig rig, RunnerAgent agent, String text) throws Exception {
    Call call =
        TestCalls.call("c" + calls.incrementAndGet(), "print").fnId("print").idleTimeout(600);
    assertThat(rig.run(agent, call, text + "\n").failure()).as(text).isNull();
  }

  @Test
  void containersThatCouldNotBeRemovedAreRemovedLater() throws Exception {
    try (OwnEngine engine = OwnEngine.start();
        DockerRig rig = new DockerRig("restart", engine.client())) {
      RunnerAgent agent =
          rig.agent(Map.of("DOCKER_HOST", engine.host(), "FN_FREEZE_IDLE_MSECS", "-1"), 512);
      assertThat(rig.run(agent, call("short").idleTimeout(1), "x").failure()).isNull();
      engine.stopDaemon(false);
      await()
          .atMost(LIMIT)
          .until(() -> rig.meters().get("fn_container_idle_total").gauge().value() == 0);
      assertThat(agent.resources().used()).as("it may still run").isNotEqualTo(ResourceAmount.NONE);
      engine.startDaemon();
      await().atMost(LIMIT).until(() -> agent.resources().used().equals(ResourceAmount.NONE));
      assertThat(rig.containers()).isEmpty();
      rig.closeAndCheck(agent);
    }
  }

  private static List<String> networkModes(DockerRig rig) {
    return rig.containers().stream()
        .filter(each -> !each.getNames()[0].contains("_prefork_"))
        .map(each -> rig.docker().inspectContainerCmd(each.getId()).exec())
        .map(each -> String.valueOf(each.getHostConfig().getNetworkMode()))
        .toList();
  }
}
