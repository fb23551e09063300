package dev.fncluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.placer.PlacerStats;
import dev.fncluster.placer.RetryingPlacer;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.runnerpool.grpc.ChannelSecurity;
import dev.fncluster.runnerpool.grpc.GrpcRunner;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import dev.fncluster.runnerpool.grpc.RunnerMessages;
import dev.fncluster.runnerpool.grpc.RunnerScripts;
import dev.fncluster.runnerpool.grpc.ScriptedRunnerServer;
import dev.fncluster.runnerpool.pool.ChangingRunnerPool;
import dev.fncluster.runnerpool.pool.Endpoint;
import dev.fncluster.runnerpool.pool.EndpointSource;
import dev.fncluster.runnerpool.pool.HealthRules;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runners join and leave a pool while calls are under way, over real connections. */
@Timeout(180)
final class ChangingPoolUnderLoadTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int CALLERS = 8;
  private static final int CHANGES = 40;

  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final ViewRegistry views = new ViewRegistry(new SimpleMeterRegistry());
  private final AtomicInteger executed = new AtomicInteger();
  private final AtomicInteger succeeded = new AtomicInteger();
  private final AtomicInteger callers = new AtomicInteger(CALLERS);
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

  private static final class TestSource implements EndpointSource {
    private Consumer<List<Endpoint>> listener = endpoints -> {};

    @Override
    public void start(Consumer<List<Endpoint>> value) {
      listener = value;
    }

    @Override
    public void close() {}
  }

  // Every call takes a moment, so that runners leave while they have some.
  private ScriptedRunnerServer serve() throws Exception {
    return ScriptedRunnerServer.start((stream, message) -> {
      if (message.hasTry()) {
        executed.incrementAndGet();
        loops
            .loops()
            .getFirst()
            .schedule(
                () -> RunnerScripts.finish(stream, RunnerMessages.OK), 5, TimeUnit.MILLISECONDS);
      }
    });
  }

  @Test
  void noCallFailsAndNoneIsSentTwice() throws Exception {
    List<ScriptedRunnerServer> servers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      servers.add(serve());
    }
    List<Endpoint> endpoints =
        servers.stream()
            .map(server -> Endpoint.of(new RunnerAddress("127.0.0.1", server.port())))
            .toList();
    RunnerClientStats stats = new RunnerClientStats(views);
    TestSource source = new TestSource();
    ChangingRunnerPool pool =
        ChangingRunnerPool.start(
            source,
            endpoint ->
                new GrpcRunner(endpoint.address(), loops, ChannelSecurity.plaintext(), stats),
            HealthRules.none(),
            BOUND,
            views);
    PlacerSettings settings = PlacerSettings.from(Settings.of(Map.of()));
    RetryingPlacer placer =
        new RetryingPlacer(
            settings,
            settings.policy(),
            new PlacerStats(views),
            new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT));
    source.listener.accept(endpoints);
    for (int i = 0; i < CALLERS; i++) {
      EventLoop loop = loops.loops().getFirst();
      loop.execute(() -> call(placer, pool, loop));
    }
    for (int change = 0; change < CHANGES; change++) {
      int left = change % 3;
      List<Endpoint> others = new ArrayList<>(endpoints);
      others.remove(left);
      source.listener.accept(change % 2 == 0 ? others : endpoints);
      int before = succeeded.get();
      await()
          .atMost(BOUND)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> succeeded.get() >= before + 10 || !failures.isEmpty());
    }
    over.set(true);
    await().atMost(BOUND).until(() -> callers.get() == 0);
    pool.shutdown(Duration.ofSeconds(10));
    for (ScriptedRunnerServer each : servers) {
      each.close();
    }
    loops.close();
    assertThat(failures).isEmpty();
    assertThat(succeeded.get()).isEqualTo(executed.get()).isGreaterThan(10 * CHANGES);
  }

  // One caller: the next call begins when the one before has ended.
  private void call(RetryingPlacer placer, ChangingRunnerPool pool, EventLoop loop) {
    if (over.get()) {
      callers.decrementAndGet();
      return;
    }
    placer.place(
        pool,
        TestCalls.call(TestCalls.invocation(loop, new RecordingSink())),
        result -> {
          if (result instanceof TryResult.Placed placed && placed.error() == null) {
            succeeded.incrementAndGet();
          } else {
            failures.add(result.toString());
          }
          loop.execute(() -> call(placer, pool, loop));
        });
  }
}
