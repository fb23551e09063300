package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract's own rig: runners with room for two functions each, and answers of 6 MiB. */
@Tag("docker")
final class SmallClusterTest {
  private static final Map<String, String> SIZES =
      Map.of("FN_MAX_REQUEST_SIZE", "6291456", "FN_MAX_RESPONSE_SIZE", "6291456");
  private static final String ECHO = "\"echoContent\":\"HelloWorld\"";
  private static Cluster cluster;

  /** How functions are called. */
  enum Way {
    INVOKE,
    TRIGGER
  }

  @BeforeAll
  static void start() {
    Map<String, String> runners = new HashMap<>(SIZES);
    runners.put("FN_MAX_TOTAL_MEMORY_BYTES", "268435456");
    runners.put("FN_ENABLE_NB_RESOURCE_TRACKER", "true");
    runners.put("FN_DOCKER_NETWORKS", "none");
    cluster = Cluster.start(SIZES, runners);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static HttpResponse<String> call(Way way, FnClient.CreatedFn fn, String body) {
    String path =
        switch (way) {
          case INVOKE -> "/invoke/" + fn.id();
          case TRIGGER -> "/t/" + fn.appName() + "/source";
        };
    return cluster.client().request("POST", path, body, Map.of("Content-Type", "application/json"));
  }

  private static FnClient.CreatedFn create(Way way) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    if (way == Way.TRIGGER) {
      cluster.client().createTrigger(fn, "/source");
    }
    return fn;
  }

  private static List<HttpResponse<String>> tenAtOnce(Supplier<HttpResponse<String>> call) {
    List<CompletableFuture<HttpResponse<String>>> all =
        IntStream.range(0, 10)
            .mapToObj(i -> CompletableFuture.supplyAsync(call, Thread::startVirtualThread))
            .toList();
    return all.stream().map(CompletableFuture::join).toList();
  }

  @ParameterizedTest
  @EnumSource
  void answersOfAlmostTheLimitComeWhole(Way way) {
    HttpResponse<String> response =
        call(way, create(way), "{" + ECHO + ",\"trailerRepeat\":410000}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().length()).isGreaterThan(5_000_000);
    assertThat(FnClient.json(response).at("/request/echoContent").asText()).isEqualTo("HelloWorld");
  }

  /** The function tells no length. */
  @ParameterizedTest
  @EnumSource
  void longAnswersOverTheLimitAreRefused(Way way) {
    FnClient.CreatedFn fn = create(way);

    HttpResponse<String> refused = call(way, fn, "{" + ECHO + ",\"trailerRepeat\":600000}");

    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(refused.body()).isEqualTo("{\"message\":\"function response body too large\"}\n");
    assertThat(call(way, fn, "{" + ECHO + "}").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void answersMayBeEmpty(Way way) {
    HttpResponse<String> response =
        call(way, create(way), "{\"sleepTime\":0,\"isDebug\":true,\"isEmptyBody\":true}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void moreCallsAtOnceThanThereIsRoomGoWell(Way way) {
    FnClient.CreatedFn fn = create(way);

    for (HttpResponse<String> each : tenAtOnce(() -> call(way, fn, "{" + ECHO + "}"))) {
      assertThat(each.statusCode()).as(each.body()).isEqualTo(200);
      assertThat(FnClient.json(each).at("/request/echoContent").asText()).isEqualTo("HelloWorld");
    }
  }

  @Test
  void moreDetachedCallsAtOnceThanThereIsRoomAreTaken() {
    FnClient.CreatedFn fn = create(Way.INVOKE);

    List<HttpResponse<String>> all =
        tenAtOnce(() ->
            cluster
                .client()
                .request(
                    "POST",
                    "/invoke/" + fn.id(),
                    "{" + ECHO + ",\"isDebug\":true}",
                    Map.of("Fn-Invoke-Type", "detached")));

    assertThat(all).extracting(HttpResponse::statusCode).containsOnly(202);
    assertThat(all).extracting(HttpResponse::body).containsOnly("");
    // By function, not by call: what calls write in quick succession can't always be told apart.
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> assertThat(linesOf(fn, "EndOfLogs")).hasSize(10));
    assertThat(linesOf(fn, "BeginOfLogs")).as("each ran once").hasSize(10);
  }

  private static List<String> linesOf(FnClient.CreatedFn fn, String text) {
    return cluster.runners().stream()
        .flatMap(runner -> runner.process().logLines("user_log").stream())
        .filter(line -> line.contains(fn.id()) && line.contains(text))
        .toList();
  }

  @Test
  void functionsThatTakeTooLongToStartAreGivenUp() {
    FnClient.CreatedFn fn =
        cluster
            .client()
            .createKnobs(body -> body.withObject("/config").put("ENABLE_INIT_DELAY_MSEC", "10000"));

    HttpResponse<String> response = call(Way.INVOKE, fn, "{" + ECHO + "}");

    assertThat(response.statusCode()).as(response.body()).isEqualTo(504);
    assertThat(response.body()).contains("initialization timed out");
  }
}
