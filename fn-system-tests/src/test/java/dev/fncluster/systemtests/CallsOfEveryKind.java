package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Calls that end in every way there is, each a known number of times. Some are traced by their
 * clients.
 */
final class CallsOfEveryKind {
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  static final String B3_TRACE = "80f198ee56343ba864fe8b2a57d3eff7";

  /** Of a call that was refused. */
  static final String REFUSED_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  /** The parent that all of these traces have at their client. */
  static final String CLIENT_SPAN = "b7ad6b7169203331";

  static final int CRASHES = 4;
  private static final int SUCCESSES = 40;
  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final String HOLD = "{\"sleepTime\": 100000}";

  private final ObservedCluster observed;
  private String functionTraceParent = "";
  private String functionB3Trace = "";
  private int sent;
  private int successes;
  private int busy;
  private int left;

  private CallsOfEveryKind(ObservedCluster observed) {
    this.observed = observed;
  }

  /** Makes them, to a cluster that has served none before. */
  static CallsOfEveryKind make(ObservedCluster observed) {
    CallsOfEveryKind calls = new CallsOfEveryKind(observed);
    calls.traceOfTheW3c();
    calls.succeed();
    calls.fail();
    calls.leaveDetached();
    calls.meetFullRunners();
    return calls;
  }

  private FnClient client() {
    return observed.cluster().client();
  }

  /** The first call of all, in a container that is launched for it. */
  private void traceOfTheW3c() {
    FnClient.CreatedFn fn = client().createKnobs(more -> {});
    HttpResponse<String> response =
        client()
            .request(
                "POST",
                "/invoke/" + fn.id(),
                "{}",
                Map.of("traceparent", "00-" + TRACE + "-" + CLIENT_SPAN + "-01"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    functionTraceParent = headerOfFunction(response, "traceparent");
    HttpResponse<String> second =
        client()
            .request(
                "POST",
                "/invoke/" + fn.id(),
                "{}",
                Map.of(
                    "X-B3-TraceId", B3_TRACE,
                    "X-B3-SpanId", CLIENT_SPAN,
                    "X-B3-Sampled", "1"));
    assertThat(second.statusCode()).as(second.body()).isEqualTo(200);
    functionB3Trace = headerOfFunction(second, "X-B3-TraceId");
    sent += 2;
    successes += 2;
  }

  private static String headerOfFunction(HttpResponse<String> response, String name) {
    JsonNode headers = FnClient.json(response).get("header");
    for (Map.Entry<String, JsonNode> each : headers.properties()) {
      if (each.getKey().equalsIgnoreCase(name)) {
        JsonNode value = each.getValue();
        return value.isArray() ? value.get(0).asText() : value.asText();
      }
    }
    throw new AssertionError("the function got no " + name + " but " + headers);
  }

  private void succeed() {
    FnClient.CreatedFn echo = client().createEcho();
    client().createTrigger(echo, "/echo");
    for (int i = 0; i < SUCCESSES; i++) {
      assertThat(client().invoke(echo, "x").statusCode()).isEqualTo(200);
    }
    HttpResponse<String> triggered =
        client().request("POST", "/t/" + echo.appName() + "/echo", "x", Map.of());
    assertThat(triggered.statusCode()).isEqualTo(200);
    sent += SUCCESSES + 1;
    successes += SUCCESSES + 1;
  }

  private void fail() {
    FnClient.CreatedFn crashing = client().createKnobs(fn -> fn.put("timeout", 1));
    for (int i = 0; i < CRASHES; i++) {
      assertThat(client().invoke(crashing, "{\"isCrash\": true}").statusCode()).isEqualTo(502);
    }
    assertThat(client().invoke(crashing, HOLD).statusCode()).isEqualTo(504);
    sent += CRASHES + 1;
    FnClient.CreatedFn mute =
        client().createKnobs(fn -> fn.withObject("/config").put("ENABLE_INIT_EXIT", "1"));
    assertThat(client().invoke(mute, "{}").statusCode()).isEqualTo(502);
    sent++;
  }

  /** Its time is over while it waits for a container that is slow to start. */
  private void leaveDetached() {
    FnClient.CreatedFn slow =
        client()
            .createKnobs(fn -> {
              fn.put("timeout", 1);
              fn.withObject("/config").put("ENABLE_INIT_DELAY_MSEC", "4000");
            });
    HttpResponse<String> response =
        client()
            .request("POST", "/invoke/" + slow.id(), "{}", Map.of("Fn-Invoke-Type", "detached"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(500);
    sent++;
  }

  private void meetFullRunners() {
    FnClient.CreatedFn filling =
        client().createKnobs(fn -> fn.put("memory", 400).put("timeout", 120));
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    for (int calls = 1; calls <= 2; calls++) {
      held.add(client().invokeAsync(filling, HOLD));
      double expected = calls;
      await()
          .atMost(BOUND)
          .untilAsserted(() ->
              assertThat(observed.onRunners(page -> page.sum("fn_running"))).isEqualTo(expected));
    }
    HttpResponse<String> refused =
        client()
            .request(
                "POST",
                "/invoke/" + filling.id(),
                "{}",
                Map.of("traceparent", "00-" + REFUSED_TRACE + "-" + CLIENT_SPAN + "-01"));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
    busy++;
    // Leaves before the placer gives up.
    CompletableFuture<HttpResponse<String>> searching = client().invokeAsync(filling, "{}");
    await()
        .atMost(BOUND)
        .until(() -> observed.ofLoadBalancer().sum("fn_running") == held.size() + 1);
    searching.cancel(true);
    held.forEach(call -> call.cancel(true));
    left += held.size() + 1;
    sent += held.size() + 2;
    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(observed.ofLoadBalancer().sum("fn_running")).isZero());
  }

  /** How many there were. */
  int sent() {
    return sent;
  }

  int successes() {
    return successes;
  }

  /** How many were refused for want of room. */
  int busy() {
    return busy;
  }

  /** From how many their clients went away. */
  int left() {
    return left;
  }

  /** What a function got as {@code traceparent} in {@link #TRACE}. */
  String functionTraceParent() {
    return functionTraceParent;
  }

  /** The trace that a function was told by the headers of B3. */
  String functionB3Trace() {
    return functionB3Trace;
  }
}
