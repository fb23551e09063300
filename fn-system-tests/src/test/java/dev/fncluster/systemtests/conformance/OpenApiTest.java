package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fncluster.api.access.CachedDataAccess;
import dev.fncluster.api.access.DatastoreReadAccess;
import dev.fncluster.api.auth.NewToken;
import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.http.BlockingHandler;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.invoke.InvokeRoutes;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.datastore.DatastoreSettings;
import dev.fncluster.datastore.Datastores;
import io.swagger.v3.parser.OpenAPIV3Parser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code docs/openapi.yaml} and the nodes say the same: what the document calls good is taken, what
 * it calls bad is refused, each answer is in it, and each of its answers can be had.
 */
@Timeout(300)
@ExtendWith(LocalClusterExtension.class)
final class OpenApiTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  // What it takes a broken, full or older node, or a registry, to get.
  private static final Set<String> OUT_OF_REACH = Set.of("500", "503", "501", "4XX");

  private static final NewToken TOKEN =
      NewToken.make("caller", "invoke", Optional.empty(), Optional.empty());

  private static WireClient guarded;

  private static final AtomicInteger NAMES = new AtomicInteger();

  @BeforeAll
  static void start(LocalCluster cluster, @TempDir Path folder) throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), TOKEN.line() + "\n");
    guarded = cluster.startApi(Map.of("FN_AUTH_TOKENS_PATH", tokens.toString()));
  }

  private static String text() throws IOException {
    return Files.readString(Path.of("..", "docs", "openapi.yaml"));
  }

  private static List<OpenApiDocument.Operation> operations() throws IOException {
    return OpenApiDocument.parse(text()).operations();
  }

  @Test
  void theDocumentIsValid() throws IOException {
    assertThat(new OpenAPIV3Parser().readContents(text()).getMessages()).isEmpty();
  }

  @Test
  void theApiNodeServesTheDocument(LocalCluster cluster) throws IOException {
    WireClient.Answer answer = cluster.api().send("GET", "/v2/openapi.yaml", "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head().first("Content-Type")).isEqualTo("application/yaml");
    assertThat(answer.body()).isEqualTo(text());
  }

  @Test
  void theDocumentHasAllRoutesAndNoOther(@TempDir Path folder) throws Exception {
    Recorder served = new Recorder();
    try (Datastore store =
            Datastores.open(
                new DatastoreSettings("sqlite3://" + folder.resolve("fn.db"), Duration.ZERO));
        CachedDataAccess data = CachedDataAccess.create(new DatastoreReadAccess(store))) {
      IdGenerator ids = new IdGenerator(1, System::currentTimeMillis);
      InstantSource clock = InstantSource.system();
      new ManagementApi(store, ids, clock, new EndpointAnnotator(Optional.empty()))
          .register(served);
      InvokeRoutes.create(data, new NoAgent(), ids, clock).addInvoke(served).addTriggers(served);
    }
    // OpenAPI has no word for this method.
    served.routes.removeIf(route -> route.startsWith("CONNECT "));

    assertThat(
            operations().stream()
                .map(operation -> route(operation.method(), operation.path()))
                .toList())
        .containsExactlyInAnyOrderElementsOf(served.routes);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void theNodesDoWhatTheDocumentSays(OpenApiDocument.Operation operation, LocalCluster cluster)
      throws IOException {
    Session session = new Session(operation, cluster);
    if (operation.path().startsWith("/v2/")) {
      session.sendParameters();
      session.sendBodies();
      session.sendConflicts();
      session.sendTokens();
    } else {
      session.call();
    }
    session.sendUnknownIds();
    session.sendTooLargeBody();
    session.assertAllStatusesSeen();
  }

  /** All requests of one operation; each is on objects of its own or on those of the session. */
  private static final class Session {
    private final OpenApiDocument.Operation operation;
    private final LocalCluster cluster;
    private final WireClient client;
    private final LocalCluster.Fn fn;
    private final Map<String, String> path;
    private final Map<String, String> query;
    private final Set<String> seen = new HashSet<>();

    Session(OpenApiDocument.Operation operation, LocalCluster cluster) throws IOException {
      this.operation = operation;
      this.cluster = cluster;
      boolean management = operation.path().startsWith("/v2/");
      client = management ? cluster.api() : cluster.front();
      fn = cluster.createFn();
      cluster.createTrigger(fn, "/");
      cluster.createTrigger(fn, "/taken");
      path =
          Map.of(
              "app_id", fn.appId,
              "fn_id", fn.id,
              "trigger_id", fn.triggerId,
              "call_id", "any",
              "app_name", fn.appName,
              "trigger_type", "http",
              "trigger_source", management ? "/tr" : "tr");
      query =
          Map.of(
              "app_id", fn.appId,
              "fn_id", fn.id,
              "name", fn.appName,
              "cursor", base64("a"),
              "per_page", "1");
    }

    /** Each parameter alone with the required ones, then without it or with bad values. */
    void sendParameters() throws IOException {
      if (!operation.requestBody().isMissingNode()) {
        return;
      }
      Map<String, String> required = new TreeMap<>();
      for (JsonNode each : inQuery()) {
        if (each.path("required").asBoolean()) {
          required.put(name(each), query.get(name(each)));
        }
      }
      expectSuccess(send(path, required, ""));
      for (JsonNode each : inQuery()) {
        Map<String, String> with = new TreeMap<>(required);
        with.put(name(each), query.get(name(each)));
        expectSuccess(send(path, with, ""));
        for (String bad :
            List.of("", "!!!", "bDI=", "0", "-1", "101", "5.5", "99999999999999999999")) {
          with.put(name(each), bad);
          int status = send(path, with, "").status();
          if (!each.path("schema").path("pattern").isMissingNode()
              && !bad.matches(each.path("schema").path("pattern").asText())) {
            assertThat(status).as("%s=%s", name(each), bad).isEqualTo(400);
          }
        }
        if (required.containsKey(name(each))) {
          with.remove(name(each));
          assertThat(send(path, with, "").status()).as("without %s", name(each)).isEqualTo(400);
        }
      }
    }

    /** What the schema of the body calls good and bad, and what is no body at all. */
    void sendBodies() throws IOException {
      JsonNode schema = operation.requestBody().path("schema");
      if (schema.isMissingNode()) {
        return;
      }
      OpenApiBodies bodies = new OpenApiBodies(schema, this::known);
      for (JsonNode example : operation.requestBody().path("examples")) {
        assertThat(OpenApiDocument.isValid(schema, example.path("value"))).isTrue();
        expectSuccess(sendBody(bodies.filled(example.path("value"))));
      }
      for (ObjectNode body : List.of(bodies.minimal(), bodies.maximal())) {
        assertThat(OpenApiDocument.isValid(schema, body)).as("%s", body).isTrue();
        expectSuccess(sendBody(body));
      }
      for (ObjectNode body : bodies.incomplete()) {
        expectRefusal(sendBody(body), body);
      }
      for (ObjectNode body : bodies.varied()) {
        WireClient.Answer answer = sendBody(body);
        assertThat(answer.status()).as("%s", body).isLessThan(500);
        if (!OpenApiDocument.isValid(schema, body)) {
          expectRefusal(answer, body);
        }
      }
      for (String body : List.of("", "{", "[]", "5", "\"x\"", "{\"name\":\"x\",\"name\":\"x\"}")) {
        assertThat(send(path, Map.of(), body).status()).as(body).isEqualTo(400);
      }
    }

    private static void expectRefusal(WireClient.Answer answer, JsonNode body) {
      assertThat(answer.status()).as("%s", body).isEqualTo(400);
    }

    private WireClient.Answer sendBody(JsonNode body) throws IOException {
      return send(path, Map.of(), body.toString());
    }

    /** Bodies that are good in themselves but not with what is there. */
    void sendConflicts() throws IOException {
      String taken =
          switch (operation.id()) {
            case "createApp" -> "{'name':'%s'}".formatted(fn.appName);
            case "createFn" ->
                "{'name':'%s','app_id':'%s','image':'i'}".formatted(fn.appName, fn.appId);
            case "createTrigger" ->
                "{'name':'x','app_id':'%s','fn_id':'%s','type':'http','source':'/taken'}"
                    .formatted(fn.appId, fn.id);
            case "updateApp" -> "{'name':'other'}";
            case "updateTrigger" -> "{'source':'/taken'}";
            default -> "";
          };
      if (!taken.isEmpty()) {
        assertThat(send(path, Map.of(), taken.replace('\'', '"')).status()).isEqualTo(409);
      }
    }

    /** To a node that asks for a token, without one and with one for something else. */
    void sendTokens() throws IOException {
      assertThat(sendTo(guarded, path, Map.of(), "").status()).isEqualTo(401);
      String token = "Authorization: Bearer " + TOKEN.token();
      assertThat(sendTo(guarded, path, Map.of(), "", token).status()).isEqualTo(403);
    }

    /** The function does in turn what decides about the answer. */
    void call() throws IOException {
      String body = operation.node().has("requestBody") ? "x" : "";
      assertThat(send(path, Map.of(), body).status()).isEqualTo(200);
      for (int status : new int[] {502, 504}) {
        fn.answers(request -> ScriptedFunction.reply(status, "x"));
        assertThat(send(path, Map.of(), body).status()).isEqualTo(status);
      }
      if (operation.id().equals("invokeFn")) {
        fn.answers(request -> ScriptedFunction.reply(200, ""));
        assertThat(send(path, Map.of(), body, "Fn-Invoke-Type: detached").status()).isEqualTo(202);
        LocalCluster.Fn big = cluster.createFn(more -> more.put("memory", 8192));
        assertThat(send(Map.of("fn_id", big.id), Map.of(), body).status()).isEqualTo(400);
      } else {
        fn.answers(request -> ScriptedFunction.reply(200, "", "Fn-Http-Status: 418"));
        assertThat(send(path, Map.of(), body).status()).isEqualTo(418);
      }
    }

    void sendUnknownIds() throws IOException {
      boolean finds = operation.statuses().contains("404");
      for (JsonNode each : operation.parameters()) {
        if (each.path("in").asText().equals("path")) {
          Map<String, String> unknown = new TreeMap<>(path);
          unknown.put(name(each), "unknown");
          WireClient.Answer answer =
              send(unknown, Map.of(), operation.node().has("requestBody") ? "{}" : "");
          if (finds) {
            assertThat(answer.status()).as(name(each)).isEqualTo(404);
          }
        }
      }
      if (List.of("createFn", "createTrigger").contains(operation.id())) {
        OpenApiBodies bodies =
            new OpenApiBodies(
                operation.requestBody().path("schema"),
                name -> name.equals("app_id") ? NODES.textNode("unknown") : known(name));
        assertThat(sendBody(bodies.maximal()).status()).isEqualTo(404);
      }
    }

    void sendTooLargeBody() throws IOException {
      if (operation.statuses().contains("413")) {
        String body = "x".repeat(LocalCluster.MAX_REQUEST + 1);
        assertThat(send(path, Map.of(), body).status()).isEqualTo(413);
      }
    }

    void assertAllStatusesSeen() {
      // The load balancer of these tests asks for no token; others do.
      Set<String> unseen = new HashSet<>(OUT_OF_REACH);
      if (client == cluster.front()) {
        unseen.addAll(List.of("401", "403"));
      }
      assertThat(operation.statuses().stream().filter(status -> !unseen.contains(status)))
          .as("%s: all that is documented can be had", operation)
          .allMatch(status -> status.equals("default") || seen.contains(status));
    }

    private @Nullable JsonNode known(String member) {
      boolean creates = operation.method().equals("POST");
      String value =
          switch (member) {
            case "id" -> creates ? "" : path.get(ofPath());
            case "name" -> operation.id().equals("updateApp") ? fn.appName : fresh();
            case "app_id" -> fn.appId;
            case "fn_id" -> fn.id;
            case "source" -> "/" + fresh();
            case "type" -> "http";
            default -> null;
          };
      return value == null ? null : NODES.textNode(value);
    }

    private String ofPath() {
      return operation.parameters().stream()
          .filter(each -> each.path("in").asText().equals("path"))
          .map(OpenApiTest::name)
          .findFirst()
          .orElseThrow();
    }

    private List<JsonNode> inQuery() {
      return operation.parameters().stream()
          .filter(each -> each.path("in").asText().equals("query"))
          .toList();
    }

    private void expectSuccess(WireClient.Answer answer) {
      String success =
          operation.statuses().stream()
              .filter(status -> status.startsWith("2") || status.equals("410"))
              .findFirst()
              .orElseThrow();
      assertThat(answer.status())
          .as("%s: %s", operation, answer.body())
          .isEqualTo(Integer.parseInt(success));
    }

    private WireClient.Answer send(
        Map<String, String> inPath, Map<String, String> inQuery, String body, String... headers)
        throws IOException {
      return sendTo(client, inPath, inQuery, body, headers);
    }

    private WireClient.Answer sendTo(
        WireClient node,
        Map<String, String> inPath,
        Map<String, String> inQuery,
        String body,
        String... headers)
        throws IOException {
      String target = operation.path();
      for (Map.Entry<String, String> each : inPath.entrySet()) {
        target = target.replace("{" + each.getKey() + "}", each.getValue());
      }
      String parameters =
          inQuery.entrySet().stream()
              .map(each -> each.getKey() + "=" + each.getValue())
              .collect(Collectors.joining("&"));
      WireClient.Answer answer =
          node.send(
              operation.method(),
              parameters.isEmpty() ? target : target + "?" + parameters,
              body,
              headers);
      seen.add(Integer.toString(answer.status()));
      OpenApiDocument.assertDocumented(operation, answer);
      return answer;
    }
  }

  private static String fresh() {
    return "openapi-" + NAMES.incrementAndGet();
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String name(JsonNode parameter) {
    return parameter.path("name").asText();
  }

  private static String route(String method, String pattern) {
    return method + " " + pattern.replaceAll("\\{\\w+}|\\*\\w+", "{}");
  }

  /** What a server would serve. */
  private static final class Recorder implements Routes {
    private final Set<String> routes = new TreeSet<>();

    @Override
    public Routes add(String method, String pattern, HttpHandler handler) {
      routes.add(route(method, pattern));
      return this;
    }

    @Override
    public Routes addBlocking(String method, String pattern, BlockingHandler handler) {
      routes.add(route(method, pattern));
      return this;
    }
  }

  /** Routes are all that is wanted: nothing is called. */
  private static final class NoAgent implements CallAgent {
    @Override
    public void submit(Invocation invocation, CallCompletion completion) {
      throw new AssertionError("nothing is called here");
    }

    @Override
    public void close(Duration grace) {}
  }
}
