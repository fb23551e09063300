package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A runner dies. */
@Tag("docker")
final class RunnerLossTest {
  @Test
  void callsGoOnThroughTheOtherRunner() throws Exception {
    try (Cluster cluster = Cluster.start()) {
      FnClient.CreatedFn fn = cluster.client().createEcho();
      for (int i = 0; i < 4; i++) {
        assertThat(cluster.client().invoke(fn, "before").statusCode()).isEqualTo(200);
      }
      Cluster.RunnerNode victim = cluster.runners().getFirst();

      List<CompletableFuture<HttpResponse<String>>> atOnce = new ArrayList<>();
      victim.process().kill();
      for (int i = 0; i < 20; i++) {
        atOnce.add(cluster.client().invokeAsync(fn, "at once " + i));
      }

      try {
        for (int i = 0; i < 20; i++) {
          HttpResponse<String> response = atOnce.get(i).get(90, TimeUnit.SECONDS);
          assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
          assertThat(response.body()).isEqualTo("at once " + i);
        }
        for (int i = 0; i < 20; i++) {
          HttpResponse<String> response = cluster.client().invoke(fn, "after " + i);
          assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
          assertThat(response.body()).isEqualTo("after " + i);
        }
      } finally {
        cluster.forget(victim);
      }
    }
  }

  @Test
  void aNewRunnerRemovesTheContainersOfTheDeadOne() {
    try (Cluster cluster = Cluster.start()) {
      FnClient.CreatedFn fn = cluster.client().createEcho();
      for (int i = 0; i < 8; i++) {
        assertThat(cluster.client().invoke(fn, "hello").statusCode()).isEqualTo(200);
      }
      Cluster.RunnerNode victim =
          cluster.runners().stream()
              .filter(runner -> !Containers.ofFunctions(runner.labelTag()).isEmpty())
              .findFirst()
              .orElseThrow();
      List<String> left = Containers.ofTag(victim.labelTag());

      victim.process().kill();
      cluster.replaceRunner(victim);

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(Containers.ofTag(victim.labelTag())).doesNotContainAnyElementsOf(left));
    }
  }
}
