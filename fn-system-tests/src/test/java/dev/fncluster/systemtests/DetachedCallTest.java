package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls whose callers don't wait for the function. */
@Tag("docker")
final class DetachedCallTest {
  @Test
  void isAnsweredWhileItRunsAndRunsOnce() {
    try (Cluster cluster = Cluster.start(Map.of(), Map.of("FN_DOCKER_NETWORKS", "none"))) {
      FnClient.CreatedFn fn = cluster.client().createKnobs(more -> {});

      HttpResponse<String> response =
          cluster
              .client()
              .request(
                  "POST",
                  "/invoke/" + fn.id(),
                  "{\"sleepTime\": 3000, \"isDebug\": true}",
                  Map.of("Fn-Invoke-Type", "detached"));

      assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
      assertThat(response.body()).isEmpty();
      String callId = FnClient.header(response, "Fn-Call-Id");
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() -> assertThat(written(cluster, callId, "EndOfLogs")).hasSize(1));
      assertThat(written(cluster, callId, "BeginOfLogs")).hasSize(1);
    }
  }

  private static List<String> written(Cluster cluster, String callId, String text) {
    return cluster.runners().stream()
        .flatMap(runner -> runner.process().logLines("user_log").stream())
        .filter(line -> line.contains(callId) && line.contains(text))
        .toList();
  }
}
