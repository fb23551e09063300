package dev.fncluster.runner.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.EngineProxy;
import dev.fncluster.runner.EngineProxy.Fate;
import dev.fncluster.runner.docker.stats.StatsSampler;
import dev.fncluster.runner.docker.stats.StatsViews;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real engine behind connections that are not as they should be. */
@Tag("docker")
@Timeout(300)
@ParameterizedClass(name = "over TCP: {0}")
@ValueSource(booleans = {false, true})
final class SpoiledEngineTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ContainerSpec SPEC =
      ContainerSpec.of(new Call().appId("a").fnId("f").image("i"), "c", "/s", Map.of());

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ViewRegistry registry = new ViewRegistry(meters);
  @Parameter boolean overTcp;
  private Path folder;
  private EngineProxy proxy;
  private DockerEngine engine;

  @BeforeEach
  void open() throws Exception {
    registry.register(EngineViews.all());
    registry.register(StatsViews.all());
    folder = Files.createTempDirectory("engine");
    Path socket =
        Path.of(
            DefaultDockerClientConfig.createDefaultConfigBuilder()
                .build()
                .getDockerHost()
                .getPath());
    proxy =
        overTcp
            ? EngineProxy.overTcp(socket)
            : EngineProxy.at(folder.resolve("docker.sock"), socket);
    engine = DockerEngine.connect(Optional.of(proxy.dockerHost()), new EngineMeters(registry));
  }

  @AfterEach
  void close() throws Exception {
    engine.close();
    proxy.close();
    Files.delete(folder);
  }

  private int ping(Duration limit) throws InterruptedException {
    return engine.call(
        EngineApi.INFO,
        limit,
        client -> {
          client.pingCmd().exec();
          return 1;
        });
  }

  private long calls(String api, String status) {
    var found =
        meters
            .find("fn_docker_api_latency")
            .tag("api_name", api)
            .tag("api_status", status)
            .summary();
    return found == null ? 0 : found.count();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"UNANSWERED", "TRICKLED"})
  void callsEndInTimeAndTheirConnectionsAreFreed(Fate fate) throws Exception {
    assertThat(ping(LIMIT)).isEqualTo(1);
    proxy.spoil(request -> request.contains("/_ping") ? fate : Fate.PASSED);
    // More than there are connections: each must be free again.
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> ping(Duration.ofMillis(200)))
          .isInstanceOf(EngineUnavailableException.class)
          .hasRootCauseInstanceOf(TimeoutException.class);
    }
    assertThat(calls("docker_info", "timeout")).isEqualTo(20);
    proxy.spoil(request -> Fate.PASSED);
    assertThat(ping(LIMIT)).isEqualTo(1);
  }

  @Test
  void callerThatIsInterruptedLeavesNothingBehind() throws Exception {
    proxy.spoil(request -> Fate.TRICKLED);
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                ping(LIMIT);
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    await().atMost(LIMIT).until(() -> proxy.spoiled() == 1);
    caller.interrupt();
    interrupted.await();
    await().atMost(LIMIT).until(() -> proxy.connections() == 0);
  }

  private static final class Heard implements EngineEvents.Listener {
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean connected = true;

    @Override
    public void event(EngineEvent event) {}

    @Override
    public void opened() {
      opened.incrementAndGet();
    }

    @Override
    public void connected(boolean value) {
      connected = value;
      changes.incrementAndGet();
    }
  }

  @Test
  void streamThatDiesWithoutAWordIsOpenedAnew() throws Exception {
    Heard heard = new Heard();
    try (EngineEvents events = EngineEvents.follow(engine, heard, Duration.ofMillis(500))) {
      await().atMost(LIMIT).until(() -> heard.opened.get() >= 1);
      proxy.silence();
      int before = heard.opened.get();
      await().atMost(LIMIT).until(() -> heard.opened.get() > before);
      assertThat(heard.changes).as("the engine was there all the time").hasValue(0);
    }
    // The one for short calls is kept.
    await().atMost(LIMIT).until(() -> proxy.connections() <= 1);
  }

  @Test
  void engineThatAnswersNoMoreIsAway() throws Exception {
    Heard heard = new Heard();
    try (EngineEvents events = EngineEvents.follow(engine, heard, Duration.ofMillis(500))) {
      await().atMost(LIMIT).until(() -> heard.opened.get() >= 1);
      proxy.spoil(request -> Fate.UNANSWERED);
      proxy.cut();
      await().atMost(LIMIT).until(() -> !heard.connected);
      proxy.spoil(request -> Fate.PASSED);
      await().atMost(LIMIT).until(() -> heard.connected);
      assertThat(heard.changes).hasValue(2);
    }
  }

  @Test
  void containerThatCannotBeSampledHoldsNoOtherUp() throws Exception {
    proxy.spoil(request -> request.contains("/containers/stuck") ? Fate.UNANSWERED : Fate.PASSED);
    try (StatsSampler sampler = new StatsSampler(engine, Duration.ofMillis(50), registry)) {
      sampler.watch("stuck1", SPEC);
      sampler.watch("stuck2", SPEC);
      sampler.watch("stuck3", SPEC);
      StatsSampler.Watched gone = sampler.watch("gone", SPEC);
      await().atMost(LIMIT).until(() -> proxy.spoiled() == 3);
      await().atMost(LIMIT).until(() -> calls("docker_stats", "timeout") == 3);
      // Rounds go on without those three.
      long before = calls("docker_stats", "ok");
      await().atMost(LIMIT).until(() -> calls("docker_stats", "ok") > before + 3);
      assertThat(proxy.spoiled()).isEqualTo(3);
      gone.close();
    }
  }
}
