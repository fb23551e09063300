package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The invocation tests of the contract's first implementation, at a full node with real containers.
 * Each of them holds for {@code /invoke} and for a trigger.
 */
@Tag("docker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FullNodeConformanceTest {
  private static final String JSON = "application/json; charset=utf-8";
  private static final int MAX_REQUEST = 32_256;

  private FullNode node;
  private FnClient client;
  private FnClient.CreatedFn ok;

  /** The two ways to call a function. */
  enum Way {
    INVOKE,
    TRIGGER
  }

  @BeforeAll
  void start() {
    node =
        FullNode.start(
            "full-conformance",
            Map.of(
                "FN_MAX_RESPONSE_SIZE",
                "2048",
                "FN_MAX_HDR_RESPONSE_SIZE",
                "1024",
                "FN_MAX_REQUEST_SIZE",
                Integer.toString(MAX_REQUEST),
                "FN_MAX_TOTAL_MEMORY_BYTES",
                Long.toString(2L << 30)));
    client = node.client();
    ok = knobs(Map.of(), 64, 30);
  }

  @AfterAll
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  private FnClient.CreatedFn knobs(Map<String, String> config, int memory, int timeout) {
    FnClient.CreatedFn fn =
        client.createKnobs(body -> {
          body.put("memory", memory).put("timeout", timeout).put("idle_timeout", 30);
          config.forEach(body.withObject("/config")::put);
        });
    client.createTrigger(fn, "/hot");
    return fn;
  }

  private HttpResponse<String> call(
      Way way, FnClient.CreatedFn fn, String body, Map<String, String> headers) {
    String path = way == Way.INVOKE ? "/invoke/" + fn.id() : "/t/" + fn.appName() + "/hot";
    return client.request("POST", path, body, headers);
  }

  @ParameterizedTest
  @EnumSource
  void answersWithoutABodyTwice(Way way) {
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> response =
          call(way, ok, "{\"echoContent\":\"x\",\"isDebug\":true,\"isEmptyBody\":true}", Map.of());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).isEmpty();
    }
  }

  /** The rows of the tables of both ways; an empty text stands for the call's own echo. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INVOKE 0, TRIGGER 0 | \"responseContentType\":\"application/json; charset=utf-8\" | 200"
            + " | application/json; charset=utf-8 | ``",
        "INVOKE 1, TRIGGER 3 | \"responseContentType\":\"foo/bar\" | 200 | foo/bar | ``",
        "INVOKE 2, TRIGGER 4 | \"isCrash\":true | 502 | application/json; charset=utf-8"
            + " | error receiving function response",
        "INVOKE 6, TRIGGER 5 | \"trailerRepeat\":1000 | 502 | application/json; charset=utf-8"
            + " | function response body too large",
        "INVOKE 7, TRIGGER 7 | \"trailerRepeat\":1 | 200 | | ``",
        "INVOKE 8, TRIGGER 8 | \"allocateMemory\":120000000 | 502"
            + " | application/json; charset=utf-8 | error receiving function response",
        "INVOKE 12, TRIGGER 11 | \"sleepTime\":1000,\"isDebug\":true | 200 | | ``"
      })
  void doesWhatTheRequestSays(
      String rows, String knobs, int status, String contentType, String text) {
    for (Way way : Way.values()) {
      String echo = "_trx_" + rows.hashCode() + way + "_";

      HttpResponse<String> response =
          call(way, ok, "{\"echoContent\":\"" + echo + "\"," + knobs + "}", Map.of());

      assertThat(response.statusCode()).as("%s: %s", way, response.body()).isEqualTo(status);
      assertThat(response.body()).as(way.name()).contains(text.isEmpty() ? echo : text);
      assertThat(FnClient.header(response, "Fn-Call-Id")).as(way.name()).isNotEmpty();
      if (contentType != null) {
        assertThat(response.headers().allValues("Content-Type"))
            .as(way.name())
            .containsExactly(contentType);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void headersOfTheFunctionMayBeTooLong(Way way) {
    String zoo = "a".repeat(1024);

    HttpResponse<String> response =
        call(way, ok, "{\"returnHeaders\":{\"zoo\":[\"" + zoo + "\"]}}", Map.of());

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.body()).contains("function response header too large");
  }

  @ParameterizedTest
  @EnumSource
  void connectionHeadersEndAtTheNode(Way way) {
    String prefix = way == Way.INVOKE ? "" : "Fn-Http-H-";
    HttpResponse<String> response =
        call(
            way,
            ok,
            "{\"echoContent\":\"hop\",\"expectHeaders\":{\"Content-Type\":[\"application/hateson\"],"
                + "\""
                + prefix
                + "Keep-Alive\":[\"\"],\""
                + prefix
                + "Test-Header\":[\"foo\"]},"
                + "\"returnHeaders\":{\"Return-Header\":[\"foo\",\"bar\"],\"Keep-Alive\":[\"true\"]},"
                + "\"responseContentType\":\"application/hateson\"}",
            Map.of(
                "Content-Type", "application/hateson", "Keep-Alive", "true", "Test-Header", "foo"));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).contains("hop");
    assertThat(response.headers().allValues("Keep-Alive")).isEmpty();
    assertThat(response.headers().allValues("Return-Header")).containsExactly("foo", "bar");
    assertThat(response.headers().allValues("Content-Type")).containsExactly("application/hateson");
  }

  @Test
  void onlyATriggersFunctionChoosesTheStatus() {
    String body = "{\"responseCode\":202,\"echoContent\":\"x\"}";

    assertThat(call(Way.TRIGGER, ok, body, Map.of()).statusCode()).isEqualTo(202);
    assertThat(call(Way.INVOKE, ok, body, Map.of()).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void bodiesOverTheLimitAreRefused(Way way) {
    HttpResponse<String> response = call(way, ok, "x".repeat(MAX_REQUEST + 1), Map.of());

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.headers().firstValue("Fn-Call-Id")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void registriesThatCannotBeReachedAreNamed(Way way) {
    FnClient.CreatedFn fn =
        client.createFn("localhost:" + FreePorts.next() + "/fn/absent", body -> {});
    client.createTrigger(fn, "/hot");

    HttpResponse<String> response = call(way, fn, "", Map.of());

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(message(response))
        .startsWith("Failed to pull image 'localhost:")
        .contains("connection refused");
  }

  @ParameterizedTest
  @EnumSource
  void imagesThatDoNotExistAreNamed(Way way) throws IOException {
    HttpServer registry = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] unknown =
        "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"not here\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    registry.createContext(
        "/v2/",
        exchange -> {
          boolean ping = exchange.getRequestURI().getPath().equals("/v2/");
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          boolean withBody = exchange.getRequestMethod().equals("GET") && !ping;
          exchange.sendResponseHeaders(ping ? 200 : 404, withBody ? unknown.length : -1);
          if (withBody) {
            exchange.getResponseBody().write(unknown);
          }
          exchange.close();
        });
    registry.start();
    try {
      String image = "localhost:" + registry.getAddress().getPort() + "/fn/imagethatdoesnotexist";
      FnClient.CreatedFn fn = client.createFn(image, body -> {});
      client.createTrigger(fn, "/hot");

      HttpResponse<String> response = call(way, fn, "", Map.of());

      assertThat(response.statusCode()).as(response.body()).isEqualTo(404);
      assertThat(message(response))
          .startsWith("Failed to pull image '" + image)
          .contains("not found");
    } finally {
      registry.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void imagesThatAreNoneAreOurFailure(Way way) {
    FnClient.CreatedFn fn = client.createFn("BAD IMAGE", body -> {});
    client.createTrigger(fn, "/hot");

    HttpResponse<String> response = call(way, fn, "", Map.of());

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(message(response)).isEqualTo("internal server error");
  }

  @ParameterizedTest
  @EnumSource
  void functionsThatNeverStartAreTold(Way way) {
    FnClient.CreatedFn exits = knobs(Map.of("ENABLE_INIT_EXIT", "0"), 64, 30);
    HttpResponse<String> exited = call(way, exits, "{}", Map.of());
    assertThat(exited.statusCode()).isEqualTo(502);
    assertThat(message(exited))
        .isEqualTo(
            "Container failed to initialize, please ensure you are using the latest fdk and check"
                + " the logs");

    FnClient.CreatedFn late =
        knobs(Map.of("ENABLE_INIT_EXIT", "0", "ENABLE_INIT_DELAY_MSEC", "20000"), 64, 30);
    HttpResponse<String> timedOut = call(way, late, "{}", Map.of());
    assertThat(timedOut.statusCode()).isEqualTo(504);
    assertThat(message(timedOut))
        .isEqualTo(
            "Container initialization timed out, please ensure you are using the latest fdk and"
                + " check the logs");
  }

  @ParameterizedTest
  @EnumSource
  void functionsThatNeverFitAreRefused(Way way) {
    HttpResponse<String> response = call(way, knobs(Map.of(), 8192, 30), "{}", Map.of());

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(message(response)).contains("cannot be allocated");
    assertThat(FnClient.header(response, "Fn-Call-Id")).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void sleepersTimeOutAndTheNextCallGoesWell(Way way) {
    FnClient.CreatedFn fn = knobs(Map.of(), 128, 2);

    HttpResponse<String> late = call(way, fn, "{\"sleepTime\":20000}", Map.of());
    assertThat(late.statusCode()).as(late.body()).isEqualTo(504);
    assertThat(FnClient.header(late, "Fn-Call-Id")).isNotEmpty();

    HttpResponse<String> next =
        call(way, fn, "{\"echoContent\":\"_next_\",\"sleepTime\":0}", Map.of());
    assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
    assertThat(next.body()).contains("_next_");
    assertThat(FnClient.header(next, "Fn-Call-Id")).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void fourCallsAtOnceGoWell(Way way) {
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(
          CompletableFuture.supplyAsync(
              () -> call(way, ok, "{\"sleepTime\":100,\"isDebug\":true}", Map.of()),
              task -> Thread.ofVirtual().start(task)));
    }
    for (CompletableFuture<HttpResponse<String>> each : calls) {
      HttpResponse<String> response = each.join();
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }

  @Test
  void detachedCallsRunToTheirEnd() {
    HttpResponse<String> response =
        call(
            Way.INVOKE,
            ok,
            "{\"sleepTime\":200,\"returnHeaders\":{\"Return-Header\":[\"foo\"]}}",
            Map.of("Fn-Invoke-Type", "detached"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(FnClient.header(response, "Content-Length")).isEqualTo("0");
    assertThat(FnClient.header(response, "Return-Header")).isEqualTo("foo");
    assertThat(FnClient.header(response, "Fn-Call-Id")).isNotEmpty();
    HttpResponse<String> failed =
        call(Way.INVOKE, ok, "{\"isCrash\":true}", Map.of("Fn-Invoke-Type", "detached"));
    assertThat(failed.statusCode()).isEqualTo(502);
  }

  @Test
  void servesTheDocumentOfTheApi() throws IOException {
    HttpResponse<String> response = client.request("GET", "/v2/openapi.yaml", "", Map.of());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .isEqualTo(Files.readString(Repository.root().resolve("docs/openapi.yaml")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /nope | 404 | Path not found: GET /nope",
        "POST | /invoke | 404 | Path not found: POST /invoke",
        "POST | /invoke/ | 404 | Path not found: POST /invoke/",
        "POST | /invoke/x/extra | 404 | Path not found: POST /invoke/x/extra",
        "PUT | /invoke/fn_id | 405 | Method not allowed: PUT /invoke/fn_id",
        "GET | /t | 404 | Path not found: GET /t",
        "GET | /t/ | 404 | Path not found: GET /t/",
        "FOO | /t/app/src | 405 | Method not allowed: FOO /t/app/src",
        "POST | /invoke/notfn | 404 | Fn not found",
        "GET | /t/app/route | 404 | App not found"
      })
  void answersByPathAndMethod(String method, String path, int status, String message) {
    HttpResponse<String> response = client.request(method, path, "", Map.of());

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(message(response)).isEqualTo(message);
    assertThat(response.headers().firstValue("Fn-Call-Id")).isEmpty();
  }

  private static String message(HttpResponse<String> response) {
    assertThat(FnClient.header(response, "Content-Type")).isEqualTo(JSON);
    JsonNode body = FnClient.json(response);
    assertThat(body.size()).as(response.body()).isEqualTo(1);
    return body.path("message").asText();
  }
}
