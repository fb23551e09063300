package dev.fncluster.runnerpool.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.runnerpool.pool.ScriptedRunner.Health;
import dev.fncluster.stats.UpDownGauge;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class ChangingRunnerPoolTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final HealthRules OFTEN =
      new HealthRules(Duration.ofMillis(10), Duration.ofMillis(200), 2);

  private final RunnerCall call =
      TestCalls.call(TestCalls.invocation(new EmbeddedChannel().eventLoop(), new RecordingSink()));
  private final ViewRegistry views = new ViewRegistry(new SimpleMeterRegistry());
  private final Map<String, ScriptedRunner> made = new ConcurrentHashMap<>();
  private final TestSource source = new TestSource();
  private @Nullable ChangingRunnerPool pool;

  private static final class TestSource implements EndpointSource {
    private Consumer<List<Endpoint>> listener = endpoints -> {};
    private List<Endpoint> first = List.of();
    private volatile boolean closed;

    @Override
    public void start(Consumer<List<Endpoint>> value) {
      listener = value;
      if (!first.isEmpty()) {
        listener.accept(first);
      }
    }

    void tell(String... hosts) {
      listener.accept(endpoints(hosts));
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static List<Endpoint> endpoints(String... hosts) {
    return Arrays.stream(hosts).map(host -> Endpoint.of(new RunnerAddress(host, 1))).toList();
  }

  private ChangingRunnerPool start(HealthRules rules, Duration drainLimit, String... hosts)
      throws IOException {
    source.first = endpoints(hosts);
    ChangingRunnerPool started =
        ChangingRunnerPool.start(source, this::make, rules, drainLimit, views);
    pool = started;
    return started;
  }

  private Runner make(Endpoint endpoint) {
    ScriptedRunner runner = new ScriptedRunner(endpoint.address().toString());
    if (endpoint.address().host().startsWith("ill")) {
      runner.health = Health.REFUSING;
    }
    made.put(endpoint.address().host(), runner);
    return runner;
  }

  private ScriptedRunner made(String host) {
    ScriptedRunner runner = made.get(host);
    assertThat(runner).as(host).isNotNull();
    return runner;
  }

  @AfterEach
  void end() throws InterruptedException {
    made.values().forEach(ScriptedRunner::endCalls);
    ChangingRunnerPool started = pool;
    if (started != null) {
      started.shutdown(Duration.ofSeconds(5));
    }
    assertThat(List.of(gauge("healthy"), gauge("ejected"))).containsOnly(0L);
    await().atMost(BOUND).until(() -> gauge("draining") == 0);
  }

  private long gauge(String state) {
    UpDownGauge gauge =
        views.upDown("lb_runners", "Runners in the pool of a load balancer", "state", state);
    return gauge.value();
  }

  private List<Runner> runners(ChangingRunnerPool of) {
    return of.runners(call).runners();
  }

  private List<String> available(ChangingRunnerPool of) {
    return runners(of).stream().filter(Runner::isAvailable).map(Runner::address).toList();
  }

  @Test
  void poolWithoutQuestionsIsAsTold() throws Exception {
    ChangingRunnerPool started = start(HealthRules.none(), BOUND, "a", "b");
    assertThat(available(started)).containsExactly("a:1", "b:1");
    assertThat(started.mayBlock()).isFalse();
    source.tell("b", "c", "c");
    assertThat(available(started)).containsExactly("b:1", "c:1");
    assertThat(made("b").asked).hasValue(0);
    assertThat(gauge("healthy")).isEqualTo(2);
  }

  @Test
  void onlyAnEmptyPoolIsInTheWayOfAllCalls() throws Exception {
    ChangingRunnerPool started = start(HealthRules.none(), BOUND);
    assertThat(started.obstacle()).isEqualTo("the pool has no runners");
    source.tell("a");
    assertThat(started.obstacle()).isNull();
    made("a").health = Health.REFUSING;
    assertThat(started.obstacle()).isNull();
  }

  @Test
  void emptyPoolIsEmptyAndShutsDown() throws Exception {
    ChangingRunnerPool started = start(OFTEN, BOUND);
    assertThat(runners(started)).isEmpty();
    started.shutdown(Duration.ZERO);
    assertThat(source.closed).isTrue();
    source.tell("a");
    assertThat(runners(started)).isEmpty();
  }

  @Test
  void failingRunnerIsPassedOverInItsPlaceAndComesBack() throws Exception {
    ChangingRunnerPool started = start(OFTEN, BOUND, "a", "b", "c");
    made("b").health = Health.REFUSING;
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "c:1")));
    assertThat(runners(started)).extracting(Runner::address).containsExactly("a:1", "b:1", "c:1");
    assertThat(gauge("ejected")).isEqualTo(1);
    assertThat(gauge("healthy")).isEqualTo(2);
    made("b").health = Health.WELL;
    await().atMost(BOUND).until(() -> available(started).size() == 3);
    made("c").health = Health.SILENT;
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "b:1")));
  }

  @Test
  void whenAllFailAllAreTried() throws Exception {
    ChangingRunnerPool started = start(OFTEN, BOUND, "a", "b");
    made("a").health = Health.REFUSING;
    made("b").health = Health.REFUSING;
    await().atMost(BOUND).until(() -> gauge("ejected") == 2);
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "b:1")));
    made("b").health = Health.WELL;
    await().atMost(BOUND).until(() -> available(started).equals(List.of("b:1")));
  }

  @Test
  void addedRunnerGetsCallsAfterItsFirstGoodAnswer() throws Exception {
    ChangingRunnerPool started = start(OFTEN, BOUND, "a");
    source.tell("a", "ill", "b");
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "b:1")));
    made("ill").health = Health.WELL;
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "ill:1", "b:1")));
  }

  @Test
  void removedRunnerFinishesItsCallsFirst() throws Exception {
    ChangingRunnerPool started = start(OFTEN, BOUND, "a", "b");
    source.tell("b");
    ScriptedRunner removed = made("a");
    await().atMost(BOUND).until(() -> removed.closing);
    assertThat(removed.closed).isFalse();
    assertThat(gauge("draining")).isEqualTo(1);
    assertThat(available(started)).containsExactly("b:1");
    removed.endCalls();
    await().atMost(BOUND).until(() -> removed.closed);
    assertThat(removed.cut).isFalse();

    source.tell("a", "b");
    assertThat(made("a")).isNotSameAs(removed);
    await().atMost(BOUND).until(() -> available(started).equals(List.of("a:1", "b:1")));
  }

  @Test
  void callsOfRemovedRunnerAreCutWhenTimeIsOver() throws Exception {
    start(OFTEN, Duration.ofMillis(50), "a", "b");
    source.tell("b");
    await().atMost(BOUND).until(() -> made("a").closed);
    assertThat(made("a").cut).isTrue();
  }

  @Test
  void shutdownEndsRunnersThatAreStillDraining() throws Exception {
    ChangingRunnerPool started = start(OFTEN, Duration.ofHours(1), "a", "b");
    source.tell("b");
    await().atMost(BOUND).until(() -> made("a").closing);
    made("b").endCalls();
    started.shutdown(Duration.ofMillis(50));
    assertThat(made("b").closed).isTrue();
    await().atMost(BOUND).until(() -> made("a").closed);
    assertThat(made("a").cut).isTrue();
  }

  @Test
  void failingRunnersAreAskedSoonAtFirstAndThenLessAndLessOften() {
    HealthRules rules = new HealthRules(Duration.ofSeconds(10), Duration.ofSeconds(1), 3);
    long[] seconds = new long[8];
    for (int failures = 0; failures < seconds.length; failures++) {
      seconds[failures] = rules.pause(failures, bound -> bound / 2).toSeconds();
    }
    assertThat(seconds).containsExactly(10, 1, 2, 4, 8, 16, 30, 30);
    assertThat(rules.pause(0, bound -> 0)).isEqualTo(Duration.ofMillis(7_500));
    assertThat(rules.pause(0, bound -> bound - 1)).isEqualTo(Duration.ofMillis(12_500));
    assertThat(rules.pause(1_000, bound -> 0)).isEqualTo(Duration.ofMillis(22_500));
  }
}
