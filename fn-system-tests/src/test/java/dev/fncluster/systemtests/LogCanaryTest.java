package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What nodes log, at their most talkative, about calls and requests that end well and badly: a mark
 * is put into every name, body, header and secret there is, and must be in no line.
 */
@Tag("docker")
@Timeout(300)
final class LogCanaryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration BOUND = Duration.ofSeconds(120);

  private final String mark =
      "canary" + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
  private final String hiddenMark =
      Base64.getEncoder().encodeToString(("user:" + mark).getBytes(StandardCharsets.UTF_8));
  private final Set<String> callIds = new HashSet<>();

  private Map<String, String> settings(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("FN_LOG_FORMAT", "json");
    all.put("FN_LOG_LEVEL", "debug");
    all.put("FN_LOG_ACCESS", "true");
    return all;
  }

  @Test
  void noLineHasNamesBodiesHeadersOrSecretsAndThoseAboutCallsHaveTheirIds() throws Exception {
    String auth = "{\"auths\":{\"registry.test\":{\"auth\":\"" + hiddenMark + "\"}}}";
    List<NodeProcess> nodes;
    try (Cluster cluster =
        Cluster.start(
            settings(Map.of()),
            settings(Map.of("FN_RUNNER_API_TOKEN", mark, "FN_PLACER_TIMEOUT_MSECS", "5000")),
            settings(Map.of("FN_DOCKER_AUTH", auth, "FN_IMAGE_PULL_RETRIES", "0")))) {
      nodes = cluster.nodes();
      manage(cluster.client().callingAt(cluster.api()));
      String app = createApp(cluster);
      succeed(cluster, app);
      fail(cluster, app);
      await()
          .atMost(BOUND)
          .untilAsserted(() ->
              assertThat(cluster.client().metric(cluster.loadBalancer(), "running")).isZero());
    }
    assertThat(callIds).hasSizeGreaterThanOrEqualTo(6);
    SoftAssertions softly = new SoftAssertions();
    Set<String> levels = new HashSet<>();
    Set<String> told = new HashSet<>();
    for (NodeProcess node : nodes) {
      for (String line : Files.readAllLines(node.log())) {
        check(softly, node.name(), line, levels, told);
      }
    }
    softly.assertAll();
    assertThat(levels).contains("debug", "info");
    assertThat(told).as("calls that lines tell of").containsAll(callIds);
  }

  private void check(
      SoftAssertions softly, String node, String line, Set<String> levels, Set<String> told)
      throws IOException {
    softly.assertThat(line).as("%s: %s", node, line).startsWith("{");
    softly
        .assertThat(line.contains(mark) || line.contains(hiddenMark))
        .as("%s tells what it must not: %s", node, line)
        .isFalse();
    if (!line.startsWith("{")) {
      return;
    }
    JsonNode fields = JSON.readTree(line);
    levels.add(fields.get("level").asText());
    String callId = fields.path("call_id").asText();
    if (!callId.isEmpty()) {
      told.add(callId);
      for (String id : List.of("fn_id", "app_id")) {
        softly.assertThat(fields.path(id).asText()).as("%s of %s: %s", id, node, line).isNotEmpty();
      }
    }
    for (String each : callIds) {
      if (line.contains(each)) {
        softly.assertThat(callId).as("%s: %s", node, line).isEqualTo(each);
      }
    }
  }

  private static Map<String, String> headers(String value) {
    return Map.of(
        "Authorization", "Bearer " + value, "X-Own", value, "Content-Type", "application/json");
  }

  private HttpResponse<String> send(FnClient client, String method, String path, String body) {
    return client.request(method, path, body, headers(mark));
  }

  /** Requests to the API node that it refuses. */
  private void manage(FnClient api) {
    for (String body :
        List.of(
            "{\"name\": \"" + mark,
            "{\"name\": " + mark + "}",
            "{\"name\": \"" + mark + " no name\"}",
            "{\"name\": {\"" + mark + "\": 1}}",
            "[\"" + mark + "\"]",
            "{\"" + mark + "\": 1}")) {
      assertThat(send(api, "POST", "/v2/apps", body).statusCode()).as(body).isBetween(400, 499);
    }
    for (String path :
        List.of("/v2/apps/" + mark, "/v2/fns/" + mark, "/v2/fns?cursor=" + mark, "/" + mark)) {
      assertThat(send(api, "GET", path, "").statusCode()).as(path).isBetween(400, 499);
    }
  }

  private String createApp(Cluster cluster) {
    FnClient api = cluster.client().callingAt(cluster.api());
    ObjectNode app = JSON.createObjectNode().put("name", mark);
    app.putObject("config").put("APP_SECRET", mark);
    app.putObject("annotations").put("example.org/" + mark, mark);
    HttpResponse<String> made = send(api, "POST", "/v2/apps", app.toString());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
    assertThat(send(api, "POST", "/v2/apps", app.toString()).statusCode()).isEqualTo(409);
    return FnClient.json(made).get("id").asText();
  }

  private String createFn(Cluster cluster, String app, String name, String image, String... config)
      throws IOException {
    ObjectNode fn =
        JSON.createObjectNode()
            .put("name", mark + name)
            .put("app_id", app)
            .put("image", image)
            .put("memory", 128)
            .put("timeout", 2);
    ObjectNode values = fn.putObject("config").put("FN_SECRET", mark);
    for (int i = 0; i < config.length; i += 2) {
      values.put(config[i], config[i + 1]);
    }
    FnClient api = cluster.client().callingAt(cluster.api());
    HttpResponse<String> made = send(api, "POST", "/v2/fns", fn.toString());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
    return FnClient.json(made).get("id").asText();
  }

  private HttpResponse<String> call(Cluster cluster, String path, String body, int status) {
    HttpResponse<String> answer = send(cluster.client(), "POST", path, body);
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(status);
    answer.headers().firstValue("Fn-Call-Id").ifPresent(callIds::add);
    return answer;
  }

  private void succeed(Cluster cluster, String app) throws IOException {
    String echo = createFn(cluster, app, "echo", Repository.JAVA_IMAGE);
    ObjectNode trigger =
        JSON.createObjectNode()
            .put("name", mark)
            .put("app_id", app)
            .put("fn_id", echo)
            .put("type", "http")
            .put("source", "/" + mark);
    FnClient api = cluster.client().callingAt(cluster.api());
    assertThat(send(api, "POST", "/v2/triggers", trigger.toString()).statusCode()).isEqualTo(200);
    assertThat(call(cluster, "/invoke/" + echo, mark, 200).body()).contains(mark);
    call(cluster, "/t/" + mark + "/" + mark + "?" + mark + "=" + mark, mark, 200);
    HttpResponse<String> detached =
        cluster
            .client()
            .request("POST", "/invoke/" + echo, mark, Map.of("Fn-Invoke-Type", "detached"));
    assertThat(detached.statusCode()).isEqualTo(202);
    callIds.add(FnClient.header(detached, "Fn-Call-Id"));
  }

  private void fail(Cluster cluster, String app) throws IOException {
    String note = ", \"note\": \"" + mark + "\"}";
    String knobs = createFn(cluster, app, "knobs", Repository.JAVA_IMAGE, "FUNCTION_MODE", "knobs");
    call(cluster, "/invoke/" + knobs, "{\"isCrash\": true" + note, 502);
    call(cluster, "/invoke/" + knobs, "{\"sleepTime\": 100000" + note, 504);
    String mute =
        createFn(
            cluster,
            app,
            "mute",
            Repository.JAVA_IMAGE,
            "FUNCTION_MODE",
            "knobs",
            "ENABLE_INIT_EXIT",
            "1");
    call(cluster, "/invoke/" + mute, "{}", 502);
    String nowhere = createFn(cluster, app, "nowhere", "127.0.0.1:1/none:1");
    HttpResponse<String> unpulled = send(cluster.client(), "POST", "/invoke/" + nowhere, mark);
    assertThat(unpulled.statusCode()).as(unpulled.body()).isGreaterThanOrEqualTo(400);
    call(cluster, "/invoke/" + mark, mark, 404);
    call(cluster, "/t/" + mark + "none/x", mark, 404);
    List<CompletableFuture<HttpResponse<String>>> leaving = new ArrayList<>();
    FnClient.CreatedFn fn = new FnClient.CreatedFn(app, mark, knobs);
    leaving.add(cluster.client().invokeAsync(fn, "{\"sleepTime\": 100000" + note));
    await()
        .atMost(BOUND)
        .until(() -> cluster.client().metric(cluster.loadBalancer(), "running") > 0);
    leaving.forEach(each -> each.cancel(true));
  }
}
