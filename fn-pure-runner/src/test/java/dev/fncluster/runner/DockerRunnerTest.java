package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.docker.DockerDriver;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent with real containers. */
@Tag("docker")
final class DockerRunnerTest {
  private static final String TAG = "runner-test-" + ProcessHandle.current().pid();
  private static DockerClient docker;
  private static EventLoops loops;

  private RunnerAgent agent;
  private EventLoop loop;

  @BeforeAll
  static void image() throws Exception {
    docker = TestImage.client();
    TestImage.ensure(docker);
    loops = EventLoops.create(1, "test-loop");
  }

  @AfterAll
  static void close() throws Exception {
    loops.close();
    docker.close();
  }

  @BeforeEach
  void startAgent() throws Exception {
    loop = loops.loops().getFirst();
    agent = agent(Map.of(), new ResourceAmount(1024L * 1024 * 1024, 8000));
  }

  @AfterEach
  void stopAgent() throws Exception {
    agent.close(Duration.ofSeconds(10));
    assertThat(containers()).as("containers left behind").isEmpty();
  }

  private static RunnerAgent agent(Map<String, String> environment, ResourceAmount total)
      throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    all.put("FN_CONTAINER_LABEL_TAG", TAG);
    Settings settings = Settings.of(all);
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    return new RunnerAgent(
        loops,
        RunnerSettings.from(settings),
        DockerDriver.start(DockerSettings.from(settings)),
        total,
        registry,
        new IdGenerator(1, System::currentTimeMillis),
        Clock.systemUTC());
  }

  private static List<Container> containers() {
    return docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of("fn-agent-classifier", TAG))
        .exec();
  }

  @Test
  void servesCallsInOneHotContainer() throws Exception {
    TestCalls.Outcome first = TestCalls.run(agent, loop, TestCalls.call("c1", "echo"), "hello");
    assertThat(first.failure()).isNull();
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.text()).isEqualTo("hello");
    assertThat(first.call().timings().containerCreateNanos()).isPositive();
    assertThat(first.call().timings().initNanos()).isPositive();

    TestCalls.Outcome second = TestCalls.run(agent, loop, TestCalls.call("c2", "echo"), "again");
    assertThat(second.text()).isEqualTo("again");
    assertThat(second.call().timings().containerCreateNanos()).isZero();
    assertThat(containers()).hasSize(1);
  }
}
