package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.lb.LbNode;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A load balancer whose pool comes from the program around it, and misbehaves. */
final class BroughtPoolTest {
  private static final class Misbehaving implements RunnerPool {
    private final CountDownLatch never = new CountDownLatch(1);
    private volatile String how = "well";

    private void misbehave() {
      switch (how) {
        case "throws" -> throw new IllegalStateException("secret");
        case "hangs" -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
        default -> {}
      }
    }

    @Override
    public RunnerList runners(RunnerCall call) {
      misbehave();
      return RunnerList.of(List.of());
    }

    @Override
    public @Nullable String obstacle() {
      misbehave();
      return null;
    }

    @Override
    public void shutdown(Duration grace) {
      misbehave();
    }
  }

  @Test
  void aPoolThatMisbehavesFailsItsCallsAndTheNodeLivesAndStops() throws Exception {
    Misbehaving pool = new Misbehaving();
    try (LocalCluster cluster =
        LocalCluster.start(
            Map.of("FN_EXTENSION_TIMEOUT", "1s"), (LbNode.Builder lb) -> lb.pool(pool))) {
      LocalCluster.Fn fn = cluster.createFn();
      assertThat(cluster.front().send("GET", "/health/ready", "").status()).isEqualTo(200);
      for (String how : List.of("throws", "hangs")) {
        pool.how = how;
        WireClient.Answer ready = cluster.front().send("GET", "/health/ready", "");
        assertThat(ready.status()).as(how).isEqualTo(503);
        assertThat(ready.message()).as(how).doesNotContain("secret");
      }
      WireClient.Answer failed = fn.invoke("x");
      assertThat(failed.status()).isEqualTo(500);
      assertThat(failed.message()).isEqualTo("an extension of this server failed");
      assertThat(cluster.front().send("GET", "/health/live", "").status()).isEqualTo(200);
    }
  }
}
