package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.docker.Customizers;
import dev.fncluster.runner.docker.DockerDriver;
import dev.fncluster.runner.docker.DockerSettings;
import dev.fncluster.runner.docker.DockerViews;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.logs.LogSettings;
import dev.fncluster.runner.logs.LogSink;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An engine's client, loops and agents on the engine, with a label and a folder of their own. */
final class DockerRig implements AutoCloseable {
  static final long MEBIBYTE = 1024 * 1024;

  private final DockerClient docker;
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final String tag;
  private final Path sockets;
  private SimpleMeterRegistry meters = new SimpleMeterRegistry();

  /** A rig whose label begins with {@code name}. */
  DockerRig(String name) throws Exception {
    this(name, TestImage.client());
    TestImage.ensure(docker);
  }

  /** A rig on another engine, which must have the image already. */
  DockerRig(String name, DockerClient docker) throws Exception {
    this.docker = docker;
    tag = name + "-" + ProcessHandle.current().pid();
    sockets = Files.createTempDirectory("rig");
    // Functions are another user.
    Files.setPosixFilePermissions(
        sockets, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  DockerClient docker() {
    return docker;
  }

  String tag() {
    return tag;
  }

  /** The metrics of the last agent. */
  SimpleMeterRegistry meters() {
    return meters;
  }

  /** The sum of a counter of the last agent, over all values of its tags. */
  double count(String name) {
    return meters.find(name).counters().stream().mapToDouble(Counter::count).sum();
  }

  EventLoop loop() {
    return loops.loops().getFirst();
  }

  RunnerAgent agent(Map<String, String> environment, long memoryMebibytes) throws Exception {
    return agent(environment, memoryMebibytes, Cgroups.in(Path.of("/")));
  }

  RunnerAgent agent(Map<String, String> environment, long memoryMebibytes, Cgroups cgroups)
      throws Exception {
    return agent(environment, memoryMebibytes, cgroups, null);
  }

  /** An agent whose functions' output goes to {@code sink}, and nowhere if that is null. */
  RunnerAgent agent(
      Map<String, String> environment,
      long memoryMebibytes,
      Cgroups cgroups,
      @Nullable LogSink sink)
      throws Exception {
    return agent(environment, memoryMebibytes, cgroups, sink, driver -> driver);
  }

  /** An agent whose driver is what {@code wrapping} makes of the engine's. */
  RunnerAgent agent(
      Map<String, String> environment,
      long memoryMebibytes,
      Cgroups cgroups,
      @Nullable LogSink sink,
      UnaryOperator<ContainerDriver> wrapping)
      throws Exception {
    // What most tests are not about.
    Map<String, String> all = new HashMap<>(Map.of("FN_EXPERIMENTAL_PREFORK_POOL_SIZE", "0"));
    all.putAll(environment);
    all.put("FN_CONTAINER_LABEL_TAG", tag);
    all.put("FN_IOFS_PATH", sockets.toString());
    Settings settings = Settings.of(all);
    meters = new SimpleMeterRegistry();
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    registry.register(DockerViews.all());
    FunctionLogs logs = FunctionLogs.none(registry);
    if (sink != null) {
      logs = FunctionLogs.create(LogSettings.from(settings), registry, Clock.systemUTC());
      logs.addQueued("test", sink);
    }
    return new RunnerAgent(
        loops,
        RunnerSettings.from(settings),
        wrapping.apply(
            DockerDriver.start(DockerSettings.from(settings), cgroups, Set.of(), registry)),
        CallExtensions.none(),
        new ResourceAmount(memoryMebibytes * MEBIBYTE, 8000),
        registry,
        logs,
        new IdGenerator(1, System::currentTimeMillis),
        Clock.systemUTC());
  }

  /** An agent that lets others change calls and requests for containers. */
  RunnerAgent agent(CallExtensions extensions, Customizers customizers, long memoryMebibytes)
      throws Exception {
    Settings settings =
        Settings.of(
            Map.of(
                "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
                "0",
                "FN_CONTAINER_LABEL_TAG",
                tag,
                "FN_IOFS_PATH",
                sockets.toString()));
    meters = new SimpleMeterRegistry();
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    registry.register(DockerViews.all());
    return new RunnerAgent(
        loops,
        RunnerSettings.from(settings),
        DockerDriver.start(DockerSettings.from(settings), Set.of(), customizers, registry),
        extensions,
        new ResourceAmount(memoryMebibytes * MEBIBYTE, 8000),
        registry,
        FunctionLogs.none(registry),
        new IdGenerator(1, System::currentTimeMillis),
        Clock.systemUTC());
  }

  TestCalls.Outcome run(RunnerAgent agent, Call call, String body) throws Exception {
    return TestCalls.run(agent, loop(), call, body);
  }

  CompletableFuture<TestCalls.Outcome> start(RunnerAgent agent, Call call, String body) {
    return TestCalls.start(agent, loop(), call, body);
  }

  /** The containers of this rig's agents. */
  List<Container> containers() {
    return docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of("fn-agent-classifier", tag))
        .exec();
  }

  /** Closes {@code agent} and looks whether it left anything. */
  void closeAndCheck(RunnerAgent agent) throws Exception {
    agent.close(Duration.ofSeconds(10));
    assertThat(containers()).as("containers left behind").isEmpty();
    assertThat(agent.resources().used()).isEqualTo(ResourceAmount.NONE);
    assertThat(agent.callsInFlight()).isZero();
    try (Stream<Path> left = Files.list(sockets)) {
      assertThat(left).as("socket directories left behind").isEmpty();
    }
  }

  @Override
  public void close() throws IOException {
    loops.close();
    docker.close();
    Files.deleteIfExists(sockets);
  }
}
