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
 * Both runners and one of two load balancers are restarted, one after the other and again and
 * again, while 200 calls a second come for a minute: as many calls as that are, and no faster. On a
 * machine that can't keep up the same number of calls takes longer. {@code
 * -Dfn.rolling.seconds=600} makes it more calls.
 */
@Tag("docker")
final class RollingRestartTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int CALLS_PER_SECOND = 200;
  private static final int CALLS_BETWEEN = 200;
  private static final long CALLS =
      (long) CALLS_PER_SECOND * Integer.getInteger("fn.rolling.seconds", 60);
  private static final Map<String, String> DELAY = Map.of("FN_SHUTDOWN_DELAY", "5s");

  @Test
  void noCallFailsAndNoneIsExecutedTwice() throws Exception {
    try (Cluster cluster = Cluster.start()) {
      SecondLoadBalancer second = new SecondLoadBalancer(cluster);
      assertThat(cluster.client().invoke(cluster.client().createEcho(), "warm up").statusCode())
          .isEqualTo(200);
      AtomicLong turn = new AtomicLong();
      long began = System.nanoTime();
      int restarts = 0;
      // As whatever stands before load balancers does: in turn, to those that are ready.
      SteadyLoad load =
          SteadyLoad.start(
              () -> turn.incrementAndGet() % 2 == 0 ? second.clientIfInUse() : cluster.client(),
              cluster.client().createEcho(),
              CALLS_PER_SECOND);
      try (load) {
        load.goOn(CALLS_BETWEEN);
        do {
          for (Cluster.RunnerNode runner : cluster.runners()) {
            cluster.restartRunner(runner);
            restarts++;
            load.goOn(CALLS_BETWEEN);
          }
          second.restart();
          restarts++;
          load.goOn(CALLS_BETWEEN);
        } while (load.answered() < CALLS);
      }
      System.getLogger(RollingRestartTest.class.getName())
          .log(
              System.Logger.Level.INFO,
              "{0} calls in {1} s, {2} restarts",
              load.answered(),
              Duration.ofNanos(System.nanoTime() - began).toSeconds(),
              restarts);
      assertThat(load.failures()).isEmpty();
      assertThat(load.containersWithMoreCallsThanAnswers()).isEmpty();
    }
  }

  /** The load balancer that is restarted, out of use from when it says that it is not ready. */
  private static final class SecondLoadBalancer {
    private final Cluster cluster;
    private final String runners;
    private final AtomicReference<@Nullable FnClient> inUse = new AtomicReference<>();
    private NodeProcess node;

    SecondLoadBalancer(Cluster cluster) {
      this.cluster = cluster;
      runners =
          cluster.runners().stream()
              .map(runner -> "127.0.0.1:" + runner.grpcPort())
              .collect(Collectors.joining(","));
      node = start();
    }

    private NodeProcess start() {
      NodeProcess started = cluster.addLoadBalancer("lb-2", runners, DELAY);
      inUse.set(cluster.client().callingAt(started));
      return started;
    }

    /** Where to call; the other load balancer while this one is out of use. */
    FnClient clientIfInUse() {
      FnClient client = inUse.get();
      return client == null ? cluster.client() : client;
    }

    void restart() {
      NodeProcess old = node;
      old.terminate();
      await().atMost(BOUND).until(() -> !isReady(cluster.client(), old));
      inUse.set(null);
      old.awaitEnd();
      node = start();
    }
  }

  private static boolean isReady(FnClient client, NodeProcess node) {
    try {
      return client.get(node, "/health/ready").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
