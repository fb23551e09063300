package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that fail, each with the right status and a message in JSON. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class FailureTest {
  @Test
  void unknownFunction(Cluster cluster) {
    assertFailure(
        cluster.client().request("POST", "/invoke/01ARZ3NDEKTSV4RRFFQ69G5FAV", "", Map.of()),
        404,
        "Fn not found");
  }

  @Test
  void unknownAppAndTrigger(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();

    assertFailure(
        cluster.client().request("GET", "/t/no-such-app/x", "", Map.of()), 404, "App not found");
    assertFailure(
        cluster.client().request("GET", "/t/" + fn.appName() + "/no-such", "", Map.of()),
        404,
        "Trigger not found");
  }

  @Test
  void wrongPathAndMethod(Cluster cluster) {
    assertFailure(
        cluster.client().request("GET", "/no/such/path", "", Map.of()), 404, "Path not found");
    assertFailure(
        cluster.client().request("PUT", "/invoke/some-fn", "", Map.of()),
        405,
        "Method not allowed");
  }

  @Test
  void functionThatCrashes(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});

    HttpResponse<String> response = cluster.client().invoke(fn, "{\"isCrash\":true}");

    assertFailure(response, 502, "error receiving function response");
    assertThat(FnClient.header(response, "Fn-Call-Id")).isNotEmpty();
    assertThat(cluster.client().invoke(fn, "{}").statusCode())
        .as("the next call, in a new container")
        .isEqualTo(200);
  }

  @Test
  void functionThatSleepsPastItsTimeout(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> body.put("timeout", 1));

    HttpResponse<String> response = cluster.client().invoke(fn, "{\"sleepTime\":8000}");

    assertFailure(response, 504, "Timed out");
    assertThat(FnClient.header(response, "Fn-Call-Id")).isNotEmpty();
    assertThat(cluster.client().invoke(fn, "{}").statusCode()).as("the next call").isEqualTo(200);
  }

  @Test
  void functionThatExitsBeforeItListens(Cluster cluster) {
    FnClient.CreatedFn fn =
        cluster
            .client()
            .createKnobs(body -> body.withObject("/config").put("ENABLE_INIT_EXIT", "0"));

    assertFailure(cluster.client().invoke(fn, "{}"), 502, "Container failed to initialize");
  }

  @Test
  void functionThatDoesNotListenInTime(Cluster cluster) {
    FnClient.CreatedFn fn =
        cluster
            .client()
            .createKnobs(body -> body.withObject("/config").put("ENABLE_INIT_DELAY_MSEC", "20000"));

    assertFailure(cluster.client().invoke(fn, "{}"), 504, "Container initialization timed out");
  }

  @Test
  void functionThatTakesMoreMemoryThanItHas(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> body.put("memory", 64));

    assertFailure(
        cluster.client().invoke(fn, "{\"allocateMemory\":120000000}"),
        502,
        "error receiving function response");
  }

  @Test
  void runnersThatCannotBeReached(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createEcho();
    String nobody = "127.0.0.1:" + FreePorts.next() + ",127.0.0.1:" + FreePorts.next();
    NodeProcess lonely =
        cluster.addLoadBalancer("lonely-lb", nobody, Map.of("FN_PLACER_TIMEOUT_MSECS", "500"));

    HttpResponse<String> response = cluster.client().callingAt(lonely).invoke(fn, "Hello");

    assertFailure(response, 503, "Timed out - server too busy");
    assertThat(FnClient.header(response, "Retry-After")).isEqualTo("15");
  }

  @Test
  void clientsThatLeaveInTheMiddleOfAnAnswerAreNoNewsInTheLog(Cluster cluster) throws IOException {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    byte[] request =
        "{\"echoContent\":\"0123456789\",\"trailerRepeat\":3000000}"
            .getBytes(StandardCharsets.UTF_8);
    double before = canceled(cluster);
    try (StreamingCall call = StreamingCall.post(cluster.client().invokeUri(fn))) {
      call.send(request, request.length);
      call.endRequest();
      assertThat(call.readHead()).isEqualTo(200);
      assertThat(call.read(new byte[100])).isPositive();
      // A client that reads no further, for long enough that the answer fills all there is on its
      // way: no number that nodes export says when that is so.
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
    }
    await().atMost(Duration.ofSeconds(90)).until(() -> canceled(cluster) > before);
    for (Cluster.RunnerNode each : cluster.runners()) {
      assertThat(each.process().logLines("Stream Error")).isEmpty();
    }
  }

  /** Calls that the runners gave up because their clients had left. */
  private static double canceled(Cluster cluster) {
    return cluster.runners().stream()
        .mapToDouble(each -> cluster.client().metric(each.process(), "canceled"))
        .sum();
  }

  private static void assertFailure(HttpResponse<String> response, int status, String message) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(FnClient.header(response, "Content-Type")).startsWith("application/json");
    var body = FnClient.json(response);
    assertThat(body.size()).isEqualTo(1);
    assertThat(body.get("message").asText()).contains(message);
  }
}
