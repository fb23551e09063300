package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.runner.cgroup.CgroupFreezer;
import dev.fncluster.runner.cgroup.Cgroups;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Freezing real containers: by control group, as this machine has it, and by the engine. */
@Tag("docker")
final class DockerFreezingTest {
  private static final Cgroups CGROUPS = Cgroups.in(Path.of("/"));
  private static DockerRig rig;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("freezing-test");
  }

  @AfterAll
  static void close() throws Exception {
    rig.close();
  }

  private static RunnerAgent agent(Cgroups cgroups, String freezeMillis) throws Exception {
    return rig.agent(Map.of("FN_FREEZE_IDLE_MSECS", freezeMillis), 1024, cgroups);
  }

  private static InspectContainerResponse.ContainerState state(Container container) {
    return rig.docker().inspectContainerCmd(container.getId()).exec().getState();
  }

  private static CgroupFreezer cgroup(String id) {
    return CGROUPS.freezer(id).orElseThrow();
  }

  private static void call(RunnerAgent agent) throws Exception {
    TestCalls.Outcome outcome = rig.run(agent, TestCalls.call("c", "echo").idleTimeout(60), "x");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo("x");
  }

  private static void soon(java.util.concurrent.Callable<Boolean> condition) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(3))
        .until(condition);
  }

  @Test
  void freezesByControlGroup() throws Exception {
    RunnerAgent agent = agent(CGROUPS, "20");
    call(agent);
    Container container = rig.containers().getFirst();
    CgroupFreezer group = cgroup(container.getId());
    for (int i = 0; i < 5; i++) {
      soon(group::isFrozen);
      // The engine knows nothing of it.
      assertThat(state(container).getPaused()).isFalse();
      call(agent);
    }
    soon(group::isFrozen);
    // With a frozen container.
    rig.closeAndCheck(agent);
  }

  @Test
  void freezesByTheEngineWhereControlGroupsAreOutOfReach() throws Exception {
    RunnerAgent agent = agent(Cgroups.none(), "20");
    call(agent);
    Container container = rig.containers().getFirst();
    for (int i = 0; i < 3; i++) {
      soon(() -> Boolean.TRUE.equals(state(container).getPaused()));
      call(agent);
    }
    soon(() -> Boolean.TRUE.equals(state(container).getPaused()));
    rig.closeAndCheck(agent);
  }

  private static String startLeftover() {
    String id =
        rig.docker()
            .createContainerCmd(TestImage.NAME)
            .withEnv("INIT_DELAY_MS=600000")
            .withLabels(Map.of("fn-agent-classifier", rig.tag(), "fn-agent-instance", "another"))
            .exec()
            .getId();
    rig.docker().startContainerCmd(id).exec();
    return id;
  }

  @Test
  void removesWhatACrashedRunnerLeftFrozen() throws Exception {
    String byGroup = startLeftover();
    String byEngine = startLeftover();
    cgroup(byGroup).freeze();
    rig.docker().pauseContainerCmd(byEngine).exec();
    soon(cgroup(byGroup)::isFrozen);
    agent(CGROUPS, "50").close(Duration.ZERO);
    assertThat(rig.containers()).isEmpty();
  }
}
