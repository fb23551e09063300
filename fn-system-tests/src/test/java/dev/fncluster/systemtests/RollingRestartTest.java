package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Both runners and one of two load balancers are restarted one after the other while calls come
 * steadily. {@code -Dfn.rolling.seconds=60} makes it last at least a minute.
 */
@Tag("docker")
final class RollingRestartTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int CALLS_PER_SECOND = 200;
  private static final int CALLS_BETWEEN = 200;
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("fn.rolling.seconds", 20));
  private static final Map<String, String> DELAY = Map.of("FN_SHUTDOWN_DELAY", "5s");

  @Test
  void noCallFailsAndNoneIsExecutedTwice() throws Exception {
    long began = System.nanoTime();
    try (Cluster cluster = Cluster.start()) {
      String runners =
          cluster.runners().stream()
              .map(runner -> "127.0.0.1:" + runner.grpcPort())
              .collect(Collectors.joining(","));
      NodeProcess second = cluster.addLoadBalancer("lb-2", runners, DELAY);
      FnClient.CreatedFn fn = cluster.client().createEcho();
      assertThat(cluster.client().invoke(fn, "warm up").statusCode()).isEqualTo(200);
      AtomicReference<@Nullable FnClient> other =
          new AtomicReference<>(cluster.client().callingAt(second));
      AtomicLong turn = new AtomicLong();
      // As whatever stands before load balancers does: in turn, to those that are ready.
      FnClient.CreatedFn counted = cluster.client().createEcho();
      SteadyLoad load =
          SteadyLoad.start(
              () -> {
                FnClient chosen = other.get();
                return chosen != null && turn.incrementAndGet() % 2 == 0
                    ? chosen
                    : cluster.client();
              },
              counted,
              CALLS_PER_SECOND);
      try (load) {
        goOn(load);
        for (Cluster.RunnerNode runner : cluster.runners()) {
          cluster.restartRunner(runner);
          goOn(load);
        }

        second.terminate();
        await().atMost(BOUND).until(() -> !isReady(cluster.client(), second));
        other.set(null);
        second.awaitEnd();
        other.set(cluster.client().callingAt(cluster.addLoadBalancer("lb-2-anew", runners, DELAY)));
        goOn(load);
        await()
            .atMost(BOUND.plus(LENGTH))
            .until(
                () -> System.nanoTime() - began > LENGTH.toNanos() || !load.failures().isEmpty());
      }
      System.getLogger(RollingRestartTest.class.getName())
          .log(
              System.Logger.Level.INFO,
              "{0} calls in {1} s",
              load.answered(),
              Duration.ofNanos(System.nanoTime() - began).toSeconds());
      assertThat(load.failures()).isEmpty();
      assertThat(load.containersWithMoreCallsThanAnswers()).isEmpty();
    }
  }

  private static void goOn(SteadyLoad load) {
    long before = load.answered();
    await()
        .atMost(BOUND)
        .until(() -> load.answered() > before + CALLS_BETWEEN || !load.failures().isEmpty());
    assertThat(load.failures()).isEmpty();
  }

  private static boolean isReady(FnClient client, NodeProcess node) {
    try {
      return client.get(node, "/health/ready").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
