package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ForwardingContainer;
import dev.fncluster.runner.driver.ForwardingDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a driver around the engine's does around calls of real containers. */
@Tag("docker")
final class DockerHooksTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final ServiceException REFUSAL = new ServiceException(418, "not today");

  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile @Nullable RuntimeException beforeFails;
  private volatile @Nullable RuntimeException afterFails;
  private DockerRig rig;
  private RunnerAgent agent;

  private final class Hooked extends ForwardingDriver implements CallHooks {
    Hooked(ContainerDriver driver) {
      super(driver);
    }

    @Override
    public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
        throws InterruptedException {
      return new ForwardingContainer(super.create(spec, onExit)) {
        @Override
        public Optional<CallHooks> hooks() {
          return Optional.of(Hooked.this);
        }

        @Override
        public void remove() throws InterruptedException {
          log.add("removed");
          super.remove();
        }
      };
    }

    @Override
    public void before(Call call) {
      did("before", call, beforeFails);
    }

    @Override
    public void after(Call call) {
      did("after", call, afterFails);
    }

    private void did(String what, Call call, @Nullable RuntimeException failure) {
      log.add(what + " " + call.id());
      if (failure != null) {
        throw failure;
      }
    }
  }

  @BeforeEach
  void start() throws Exception {
    rig = new DockerRig("hooks");
    agent = rig.agent(Map.of(), 512, Cgroups.in(Path.of("/")), null, Hooked::new);
  }

  @AfterEach
  void stop() throws Exception {
    rig.closeAndCheck(agent);
    rig.close();
  }

  private TestCalls.Outcome run(String id) throws Exception {
    return rig.run(agent, TestCalls.call(id, "echo"), "x");
  }

  @Test
  void hooksGoAroundCallsAndTheContainerStays() throws Exception {
    assertThat(run("1").text()).isEqualTo("x");
    assertThat(run("2").text()).isEqualTo("x");
    assertThat(log).containsExactly("before 1", "after 1", "before 2", "after 2");
    assertThat(rig.containers()).hasSize(1);
  }

  @Test
  void aFailureBeforeACallIsItsResultAndRemovesTheContainer() throws Exception {
    beforeFails = REFUSAL;
    assertThat(run("1").failure()).isSameAs(REFUSAL);
    await().atMost(BOUND).until(() -> rig.containers().isEmpty());
    assertThat(log).containsExactly("before 1", "removed");
  }

  @Test
  void aFailureAfterACallIsItsResultAndRemovesTheContainer() throws Exception {
    afterFails = REFUSAL;
    assertThat(run("1").failure()).isSameAs(REFUSAL);
    await().atMost(BOUND).until(() -> rig.containers().isEmpty());
    assertThat(log).containsExactly("before 1", "after 1", "removed");
  }
}
