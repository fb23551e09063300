package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runners of which each has room for one container only: who takes a call, and who never may. */
@Tag("docker")
final class SpillTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final long PLACER_TIMEOUT_MILLIS = 2_000;
  private static final Map<String, String> PLACER =
      Map.of("FN_PLACER_TIMEOUT_MSECS", Long.toString(PLACER_TIMEOUT_MILLIS));
  private static final Map<String, String> REFUSE_WHEN_FULL =
      Map.of("FN_ENABLE_NB_RESOURCE_TRACKER", "true", "FN_DOCKER_NETWORKS", "none");
  private static final String HOLD = "{\"sleepTime\": 100000}";

  @Test
  void callsGoToTheRunnerWithRoomAndAreBusyWhenThereIsNone() {
    try (Cluster cluster = Cluster.start(PLACER, REFUSE_WHEN_FULL)) {
      FnClient.CreatedFn fn = createThatFillsARunner(cluster);
      List<CompletableFuture<HttpResponse<String>>> held = fillAll(cluster, fn);

      long start = System.nanoTime();
      HttpResponse<String> refused = cluster.client().invoke(fn, "{}");
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
      assertThat(FnClient.header(refused, "Retry-After")).isNotEmpty();
      assertThat(millis).isGreaterThanOrEqualTo(PLACER_TIMEOUT_MILLIS);
      assertThat(held).noneMatch(CompletableFuture::isDone);
      // Clients that leave end their calls.
      held.forEach(call -> call.cancel(true));
    }
  }

  @Test
  void clientsThatLeaveWhileAllIsFullEndTheirSearchAndMakeNoOneWait() {
    // The placer itself would look for a runner for minutes.
    try (Cluster cluster = Cluster.start(Map.of(), REFUSE_WHEN_FULL)) {
      FnClient.CreatedFn fn = createThatFillsARunner(cluster);
      List<CompletableFuture<HttpResponse<String>>> held = fillAll(cluster, fn);

      CompletableFuture<HttpResponse<String>> leaving = cluster.client().invokeAsync(fn, "{}");
      awaitMetric(cluster, "lb_placer_retry_busy_count", count -> count > 0);
      leaving.cancel(true);
      awaitMetric(cluster, "lb_placer_client_cancelled_count", count -> count == 1);
      awaitMetric(cluster, "canceled", count -> count == 1);

      assertThat(cluster.client().invokeWithin(fn, "{}", Duration.ofSeconds(1)))
          .failsWithin(BOUND)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(HttpTimeoutException.class);
      awaitMetric(cluster, "lb_placer_client_cancelled_count", count -> count == 2);
      awaitMetric(cluster, "canceled", count -> count == 2);
      awaitMetric(cluster, "running", count -> count == held.size());
      assertThat(held).noneMatch(CompletableFuture::isDone);

      held.forEach(call -> call.cancel(true));
      HttpResponse<String> next = cluster.client().invoke(fn, "{}");
      assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
      // Nobody else's call was ever placed with success.
      awaitMetric(cluster, "completed", count -> count == 1);
    }
  }

  @Test
  void callOfARunnerThatIsKilledFailsAtOnceAndRunsNowhereElse() throws Exception {
    try (Cluster cluster = Cluster.start(PLACER, REFUSE_WHEN_FULL)) {
      FnClient.CreatedFn fn = createThatFillsARunner(cluster);
      CompletableFuture<HttpResponse<String>> call = cluster.client().invokeAsync(fn, HOLD);
      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(runnersWithAContainer(cluster)).hasSize(1));
      Cluster.RunnerNode victim = runnersWithAContainer(cluster).getFirst();
      Cluster.RunnerNode other =
          cluster.runners().stream().filter(node -> node != victim).findFirst().orElseThrow();

      victim.process().kill();
      try {
        // The function sleeps longer than this.
        HttpResponse<String> lost = call.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(lost.statusCode()).as(lost.body()).isIn(500, 502);
        assertThat(Containers.ofFunctions(other.labelTag())).isEmpty();

        HttpResponse<String> next = cluster.client().invoke(fn, "{}");
        assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
        assertThat(Containers.ofFunctions(other.labelTag())).hasSize(1);
      } finally {
        cluster.forget(victim);
      }
    }
  }

  private static FnClient.CreatedFn createThatFillsARunner(Cluster cluster) {
    return cluster.client().createKnobs(fn -> fn.put("memory", 1_500).put("timeout", 120));
  }

  /** Makes one call after the other, each of which takes all the room of a runner. */
  private static List<CompletableFuture<HttpResponse<String>>> fillAll(
      Cluster cluster, FnClient.CreatedFn fn) {
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    for (int calls = 1; calls <= cluster.runners().size(); calls++) {
      held.add(cluster.client().invokeAsync(fn, HOLD));
      int expected = calls;
      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(runnersWithAContainer(cluster)).hasSize(expected));
    }
    return held;
  }

  private static void awaitMetric(Cluster cluster, String name, Predicate<Double> expected) {
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(cluster.client().metric(cluster.loadBalancer(), name))
                .as(name)
                .matches(expected));
  }

  private static List<Cluster.RunnerNode> runnersWithAContainer(Cluster cluster) {
    return cluster.runners().stream()
        .filter(runner ->
            Containers.ofFunctions(runner.labelTag()).stream()
                .anyMatch(id -> Containers.inspect(id).at("/State/Running").asBoolean()))
        .toList();
  }
}
