package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.docker.DockerDriver;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    all.put("FN_EXPERIMENTAL_PREFORK_POOL_SIZE", "0");
    all.put("FN_CONTAINER_LABEL_TAG", TAG);
    Settings settings = Settings.of(all);
    ViewRegistry registry = new ViewRegistry(new SimpleMeterRegistry());
    registry.register(RunnerViews.all());
    return new RunnerAgent(
        loops,
        RunnerSettings.from(settings),
        DockerDriver.start(DockerSettings.from(settings), Set.of(), registry),
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

  @Test
  void isolatesFunctions() throws Exception {
    Call call = TestCalls.call("c1", "read:/proc/mounts").tmpfsSize(1).cpus(500);
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, call, "");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text().lines())
        .anyMatch(line -> line.matches("tmpfs /tmp tmpfs .*nosuid,nodev,noexec.*size=1024k.*"))
        .anyMatch(line -> line.matches("\\S+ / \\S+ ro,.*"));

    InspectContainerResponse made =
        docker.inspectContainerCmd(containers().getFirst().getId()).exec();
    assertThat(made.getConfig().getUser()).isEqualTo("1000:1000");
    assertThat(made.getConfig().getEnv())
        .contains("FN_LISTENER=unix:/tmp/iofs/lsnr.sock", "FN_FORMAT=http-stream", "FN_MEMORY=128");
    var host = made.getHostConfig();
    assertThat(host.getCapDrop()).containsExactly(Capability.ALL);
    assertThat(host.getSecurityOpts()).containsExactly("no-new-privileges");
    assertThat(host.getReadonlyRootfs()).isTrue();
    assertThat(host.getInit()).isTrue();
    assertThat(host.getPidsLimit()).isEqualTo(50);
    assertThat(host.getMemory()).isEqualTo(128L * 1024 * 1024);
    assertThat(host.getMemorySwap()).isEqualTo(128L * 1024 * 1024);
    assertThat(host.getMemorySwappiness()).isZero();
    assertThat(host.getCpuQuota()).isEqualTo(50_000);
    assertThat(host.getUlimits()).hasSize(4);
    assertThat(host.getLogConfig().getType().getType()).isEqualTo("none");
  }

  @Test
  void tellsWhenAFunctionCrashes() throws Exception {
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, TestCalls.call("c1", "crash"), "x");
    assertThat(outcome.failure()).isInstanceOf(FnException.class);
    assertThat(outcome.failure()).hasMessage("error receiving function response");
    assertThat(TestCalls.run(agent, loop, TestCalls.call("c2", "echo"), "x").text()).isEqualTo("x");
  }

  @Test
  void tellsWhenAFunctionDoesNotComeUp() throws Exception {
    Call exits = TestCalls.call("c1", "echo").config(Map.of("INIT_EXIT", "3"));
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, exits, "x");
    assertThat(outcome.failure()).isInstanceOf(FnException.class);
    assertThat(outcome.failure()).hasMessageStartingWith("Container failed to initialize");
  }

  @Test
  void noticesThatAnIdleContainerDied() throws Exception {
    // Others than the runner can't kill one that is frozen.
    agent.close(Duration.ofSeconds(10));
    agent =
        agent(Map.of("FN_FREEZE_IDLE_MSECS", "-1"), new ResourceAmount(1024L * 1024 * 1024, 8000));
    assertThat(TestCalls.run(agent, loop, TestCalls.call("c1", "echo"), "x").failure()).isNull();
    docker.killContainerCmd(containers().getFirst().getId()).exec();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> containers().isEmpty() && agent.containers() == 0);
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
  }

  @Test
  void tellsWhyAnImageCanNotBePulled() throws Exception {
    Call call = TestCalls.call("c1", "echo").image("127.0.0.1:1/no/such:image");
    TestCalls.Outcome outcome = TestCalls.run(agent, loop, call, "x");
    assertThat(outcome.failure()).isInstanceOf(FnException.class);
    assertThat(outcome.failure())
        .hasMessageStartingWith("Failed to pull image '127.0.0.1:1/no/such:image': ");
    assertThat(((FnException) outcome.failure()).code()).isEqualTo(502);
  }

  @Test
  void serves20FirstCallsAtOnce() throws Exception {
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(TestCalls.start(agent, loop, TestCalls.call("c" + i, "echo"), "body" + i));
    }
    for (int i = 0; i < 20; i++) {
      TestCalls.Outcome outcome = all.get(i).get(60, TimeUnit.SECONDS);
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.text()).isEqualTo("body" + i);
    }
    assertThat(containers()).hasSizeBetween(1, 6);
  }

  @Test
  void removesWhatAnEarlierRunnerLeftBehind() throws Exception {
    String left =
        docker
            .createContainerCmd(TestImage.NAME)
            .withLabels(Map.of("fn-agent-classifier", TAG, "fn-agent-instance", "another"))
            .exec()
            .getId();
    RunnerAgent next = agent(Map.of(), new ResourceAmount(1 << 30, 1000));
    next.close(Duration.ZERO);
    assertThat(containers()).noneMatch(each -> each.getId().equals(left));
  }

  private static void build(String name, String dockerfile) throws Exception {
    Path context = Files.createTempDirectory("tiny-image");
    Path file = context.resolve("Dockerfile");
    Files.writeString(file, dockerfile);
    try {
      docker
          .buildImageCmd(context.toFile())
          .withTags(Set.of(name))
          .exec(new BuildImageResultCallback())
          .awaitImageId(1, TimeUnit.MINUTES);
    } finally {
      Files.delete(file);
      Files.delete(context);
    }
  }

  @Test
  void offersSocketsOnFileSystemsInMemory() throws Exception {
    agent.close(Duration.ofSeconds(5));
    agent =
        agent(
            Map.of("FN_IOFS_TMPFS", "true", "FN_IOFS_OPTS", "size=1m,mode=0777"),
            new ResourceAmount(1L << 30, 8000));
    TestCalls.Outcome outcome =
        TestCalls.run(agent, loop, TestCalls.call("c1", "read:/proc/self/mountinfo"), "x");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text().lines())
        .anyMatch(line -> line.contains(" /tmp/iofs ") && line.contains(" tmpfs "));
  }

  @Test
  void refusesImagesWithVolumes() throws Exception {
    String image = "fn-cluster/runner-test-volume:1";
    build(image, "FROM scratch\nCOPY Dockerfile /\nVOLUME /data\n");
    TestCalls.Outcome outcome =
        TestCalls.run(agent, loop, TestCalls.call("c1", "echo").image(image), "x");
    assertThat(outcome.failure()).hasMessage("image has Volume definition");
    docker.removeImageCmd(image).exec();
  }

  @Test
  void aCallWithoutAnImageIsNotTriedElsewhere() throws Exception {
    TestCalls.Outcome outcome =
        TestCalls.run(agent, loop, TestCalls.call("c1", "echo").image(""), "x");
    assertThat(outcome.failure()).hasMessage("internal server error");
  }

  @Test
  void loadsImagesAtStart() throws Exception {
    String image = "fn-cluster/runner-test-load:1";
    build(image, "FROM scratch\nCOPY Dockerfile /\n");
    Path tarball = Files.createTempFile("image", ".tar");
    try (var in = docker.saveImageCmd(image).exec()) {
      Files.copy(in, tarball, StandardCopyOption.REPLACE_EXISTING);
    }
    docker.removeImageCmd(image).exec();
    try (DockerDriver driver =
        DockerDriver.start(
            DockerSettings.from(Settings.of(Map.of("FN_DOCKER_LOAD_FILE", tarball.toString()))),
            Set.of(),
            new ViewRegistry(new SimpleMeterRegistry()))) {
      assertThat(driver).isNotNull();
      assertThat(docker.inspectImageCmd(image).exec().getId()).isNotEmpty();
    } finally {
      docker.removeImageCmd(image).exec();
      Files.delete(tarball);
    }
  }

  @Test
  void aLoadFileThatIsNoneStopsTheStart() throws Exception {
    Path garbage = Files.createTempFile("image", ".tar");
    Files.writeString(garbage, "no tarball");
    try {
      for (Path file : List.of(garbage, Path.of("/nonexistent.tar"))) {
        assertThatThrownBy(() ->
                DockerDriver.start(
                    DockerSettings.from(
                        Settings.of(Map.of("FN_DOCKER_LOAD_FILE", file.toString()))),
                    Set.of(),
                    new ViewRegistry(new SimpleMeterRegistry())))
            .isInstanceOf(SettingException.class)
            .hasMessageStartingWith("FN_DOCKER_LOAD_FILE is \"" + file + "\", wh")
            .message()
            .doesNotEndWith(file.toString());
      }
    } finally {
      Files.delete(garbage);
    }
  }

  @Test
  void givesUpOnRegistriesThatHang() throws Exception {
    agent.close(Duration.ofSeconds(5));
    agent = agent(Map.of("FN_HOT_PULL_TIMEOUT_MSECS", "1500"), new ResourceAmount(1L << 30, 8000));
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String image = "127.0.0.1:" + silent.getLocalPort() + "/hung:1";
      Call call = TestCalls.call("c1", "echo").image(image);
      Call second = TestCalls.call("c2", "echo").image(image).fnId("other");
      CompletableFuture<TestCalls.Outcome> other = TestCalls.start(agent, loop, second, "x");
      TestCalls.Outcome outcome = TestCalls.run(agent, loop, call, "x");
      assertThat(outcome.failure()).hasMessage("Image pull timed out");
      assertThat(other.get(20, TimeUnit.SECONDS).failure()).hasMessage("Image pull timed out");
    }
  }
}
