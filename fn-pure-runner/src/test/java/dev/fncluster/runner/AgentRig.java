package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runner.logs.FunctionLogs;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The agent of a runner with functions of this process, on real sockets and event loops. It has
 * room for five containers of 128 MiB. After a test nothing may be left of its calls.
 *
 * <p>What it is made of is said before it is first used.
 */
final class AgentRig implements AfterEachCallback {
  private static final ResourceAmount ROOM = new ResourceAmount(640L << 20, 4000);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final FakeDriver driver = new FakeDriver().startDelay(Duration.ofMillis(5));
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EventLoops loops;
  private Map<String, String> settings = Map.of();
  private CallExtensions extensions = CallExtensions.none();
  private Function<ViewRegistry, FunctionLogs> logs = FunctionLogs::none;
  private @Nullable RunnerAgent agent;

  AgentRig() {
    this(1);
  }

  AgentRig(int eventLoops) {
    loops = EventLoops.create(eventLoops, "test-loop");
  }

  /** Waits for what comes to pass soon. */
  static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(2));
  }

  AgentRig settings(Map<String, String> value) {
    assertThat(agent).as("an agent that is made already").isNull();
    settings = value;
    return this;
  }

  AgentRig extensions(CallExtensions value) {
    assertThat(agent).as("an agent that is made already").isNull();
    extensions = value;
    return this;
  }

  AgentRig logs(Function<ViewRegistry, FunctionLogs> value) {
    assertThat(agent).as("an agent that is made already").isNull();
    logs = value;
    return this;
  }

  FakeDriver driver() {
    return driver;
  }

  SimpleMeterRegistry meters() {
    return meters;
  }

  double count(String counter) {
    return meters.get(counter).counter().count();
  }

  EventLoops loops() {
    return loops;
  }

  /** The loop that calls are made on, unless they say another one. */
  EventLoop loop() {
    return loops.loops().getFirst();
  }

  RunnerAgent agent() {
    RunnerAgent made = agent;
    if (made == null) {
      made = create();
      agent = made;
    }
    return made;
  }

  private RunnerAgent create() {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(RunnerViews.all());
    try {
      return new RunnerAgent(
          loops,
          RunnerSettings.from(Settings.of(settings)),
          driver,
          extensions,
          ROOM,
          registry,
          logs.apply(registry),
          new IdGenerator(1, System::currentTimeMillis),
          Clock.systemUTC());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The function in the container that was made first. */
  TestFunction function() {
    return Objects.requireNonNull(driver.made().getFirst().function(), "it does not listen yet");
  }

  /** How many requests that function has got; none before it listens. */
  int requests() {
    List<FakeDriver.Made> made = driver.made();
    TestFunction function = made.isEmpty() ? null : made.getFirst().function();
    return function == null ? 0 : function.requests();
  }

  /** Makes a call of a function that does what {@code mode} says. */
  TestCalls.Outcome run(String mode, String body) throws Exception {
    return run(TestCalls.call("c", mode), body);
  }

  TestCalls.Outcome run(Call call, String body) throws Exception {
    return TestCalls.run(agent(), loop(), call, body);
  }

  CompletableFuture<TestCalls.Outcome> start(Call call, String body) {
    return TestCalls.start(agent(), loop(), call, body);
  }

  CompletableFuture<TestCalls.Outcome> start(Call call, RequestBody body, CallContext context) {
    return TestCalls.start(agent(), loop(), call, body, context);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    try {
      agent().close(GRACE);
      assertThat(driver.alive()).as("containers left behind").isZero();
      assertThat(agent().resources().used()).isEqualTo(ResourceAmount.NONE);
      assertThat(agent().callsInFlight()).isZero();
    } finally {
      loops.close();
    }
  }
}
