package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Talks to a cluster as its users do: makes apps, functions and triggers at the API node, calls at
 * the load balancer.
 */
final class FnClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final NodeProcess api;
  private final Function<String, URI> front;

  FnClient(NodeProcess api, NodeProcess front) {
    this(api, front::uri);
  }

  private FnClient(NodeProcess api, Function<String, URI> front) {
    this.api = api;
    this.front = front;
  }

  /** The same objects, called at another node. */
  FnClient callingAt(NodeProcess otherFront) {
    return new FnClient(api, otherFront);
  }

  /** The same objects, called at a node of this process that listens on {@code port}. */
  FnClient callingAt(int port) {
    return new FnClient(api, path -> URI.create("http://127.0.0.1:" + port + path));
  }

  /**
   * A function that exists.
   *
   * @param appName the name of its app, which holds nothing else
   */
  record CreatedFn(String appId, String appName, String id) {}

  /** Makes a function that echoes, in an app of its own. */
  CreatedFn createEcho() {
    return createFn(Repository.JAVA_IMAGE, fn -> {});
  }

  /** Makes a function that does what the JSON in the request says. */
  CreatedFn createKnobs(Consumer<ObjectNode> more) {
    return createFn(
        Repository.JAVA_IMAGE,
        fn -> {
          fn.putObject("config").put("FUNCTION_MODE", "knobs");
          more.accept(fn);
        });
  }

  /** Makes a function that echoes, in an app that belongs to the partition of that name. */
  CreatedFn createEchoIn(String partition) {
    return createIn(partition, fn -> {});
  }

  /** Makes one that does what the JSON in the request says, in an app of that partition. */
  CreatedFn createKnobsIn(String partition) {
    return createIn(partition, fn -> fn.putObject("config").put("FUNCTION_MODE", "knobs"));
  }

  private CreatedFn createIn(String partition, Consumer<ObjectNode> more) {
    return createFn(
        Repository.JAVA_IMAGE,
        app -> app.putObject("annotations").put("example.org/partition", partition),
        more);
  }

  /** Makes a function in an app of its own; {@code more} adds fields to what is sent. */
  CreatedFn createFn(String image, Consumer<ObjectNode> more) {
    return createFn(image, app -> {}, more);
  }

  private CreatedFn createFn(
      String image, Consumer<ObjectNode> moreOfApp, Consumer<ObjectNode> more) {
    String appName = uniqueName("app");
    ObjectNode app = JSON.createObjectNode().put("name", appName);
    moreOfApp.accept(app);
    String appId = create("/v2/apps", app).get("id").asText();
    ObjectNode fn =
        JSON.createObjectNode()
            .put("name", "fn")
            .put("app_id", appId)
            .put("image", image)
            .put("memory", 128);
    more.accept(fn);
    return new CreatedFn(appId, appName, create("/v2/fns", fn).get("id").asText());
  }

  /** Makes an HTTP trigger for a function. */
  void createTrigger(CreatedFn fn, String source) {
    create(
        "/v2/triggers",
        JSON.createObjectNode()
            .put("name", uniqueName("trigger"))
            .put("app_id", fn.appId())
            .put("fn_id", fn.id())
            .put("type", "http")
            .put("source", source));
  }

  private JsonNode create(String path, ObjectNode body) {
    HttpRequest request =
        HttpRequest.newBuilder(api.uri(path))
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<String> response = send(request);
    assertThat(response.statusCode())
        .as("POST %s answered %s", path, response.body())
        .isEqualTo(200);
    return json(response);
  }

  /** Where a function is called. */
  URI invokeUri(CreatedFn fn) {
    return front.apply("/invoke/" + fn.id());
  }

  /** Calls a function and waits for the whole answer. */
  HttpResponse<String> invoke(CreatedFn fn, String body) {
    return send(invocation(invokeUri(fn), body, LIMIT));
  }

  /** Calls a function; the answer comes later. */
  CompletableFuture<HttpResponse<String>> invokeAsync(CreatedFn fn, String body) {
    return invokeWithin(fn, body, LIMIT);
  }

  /** Calls a function; the answer comes later, or this client leaves after {@code limit}. */
  CompletableFuture<HttpResponse<String>> invokeWithin(CreatedFn fn, String body, Duration limit) {
    return http.sendAsync(
        invocation(invokeUri(fn), body, limit), HttpResponse.BodyHandlers.ofString());
  }

  /** Sends a request to the node where calls are made. */
  HttpResponse<String> request(
      String method, String path, String body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(front.apply(path))
            .timeout(LIMIT)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return send(request.build());
  }

  /** Gets a page of any node in a form that it may have several of. */
  HttpResponse<String> get(NodeProcess node, String path, String accept) {
    return send(
        HttpRequest.newBuilder(node.uri(path)).timeout(LIMIT).header("Accept", accept).build());
  }

  /** Gets a page of any node. */
  HttpResponse<String> get(NodeProcess node, String path) {
    return send(HttpRequest.newBuilder(node.uri(path)).timeout(LIMIT).build());
  }

  /**
   * A counter or gauge of a node, summed over its tags.
   *
   * @param name without the prefix of all metrics and without a counter's suffix
   * @return 0 when there is none
   */
  double metric(NodeProcess node, String name) {
    Pattern line = Pattern.compile("^fn_" + Pattern.quote(name) + "(?:_total)?(?:\\{.*})? (\\S+)$");
    return get(node, "/metrics")
        .body()
        .lines()
        .map(line::matcher)
        .filter(Matcher::matches)
        .mapToDouble(sample -> Double.parseDouble(sample.group(1)))
        .sum();
  }

  private static HttpRequest invocation(URI uri, String body, Duration limit) {
    return HttpRequest.newBuilder(uri)
        .timeout(limit)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new UncheckedIOException(
          request.method() + " " + request.uri() + " got no answer", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted in " + request, interrupted);
    }
  }

  /** Reads an answer's body as JSON. */
  static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException failure) {
      throw new AssertionError("not JSON: " + response.body(), failure);
    }
  }

  /** The first value of a header; the test fails when it is missing. */
  static String header(HttpResponse<?> response, String name) {
    return response
        .headers()
        .firstValue(name)
        .orElseThrow(
            () -> new AssertionError("no header " + name + " in " + response.headers().map()));
  }

  /** The process in whose container an answer was made. */
  static String instance(HttpResponse<?> response) {
    return header(response, "Function-Instance");
  }

  private static String uniqueName(String prefix) {
    return prefix + "-" + ProcessHandle.current().pid() + "-" + NAMES.incrementAndGet();
  }
}
