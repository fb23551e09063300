package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ExtensionSite;
import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listeners, middleware, routes and annotators on the nodes of a cluster. */
final class ExtensionsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String FAILED = "an extension of this server failed";
  private static final CountDownLatch NEVER = new CountDownLatch(1);
  private static final List<String> heard = new CopyOnWriteArrayList<>();
  // Apart from the others: load balancers read apps too.
  private static final List<String> calls = new CopyOnWriteArrayList<>();
  private static LocalCluster cluster;

  /** What the extension of all nodes does; by names, so that tests can have it misbehave. */
  private static final class All implements Extension {
    @Override
    public void setUp(ExtensionSite site) {
      String node =
          site.setting("FN_RUNNER_API_URL").isPresent()
              ? "lb"
              : site.setting("FN_GRPC_PORT").isPresent() ? "runner" : "api";
      site.callListener(new Calls(node))
          .appListener(new Apps())
          .fnListener(new Fns())
          .triggerListener(new Triggers())
          .rootFilter(All::rerooted)
          .rootMiddleware((exchange, next) -> {
            String wanted = exchange.request().headers().first("X-Prefix");
            if (wanted == null) {
              next.handle(exchange);
            } else {
              new Prefix(wanted).handle(exchange, next);
            }
          })
          .rootMiddleware((exchange, next) -> {
            if (exchange.request().headers().first("X-Body") == null) {
              next.handle(exchange);
              return;
            }
            RequestBody other =
                BytesBody.of(
                    exchange.request().headers().first("X-Body").getBytes(StandardCharsets.UTF_8));
            next.handle(
                new ForwardingExchange(exchange) {
                  @Override
                  public RequestBody body() {
                    return other;
                  }
                });
          })
          .rootMiddleware((exchange, next) -> {
            HttpRequestHead head = exchange.request();
            if (head.headers().first("X-Elsewhere") != null) {
              exchange.replaceRequest(
                  new HttpRequestHead(
                      "GET",
                      "/version",
                      "/version",
                      head.pathParameters(),
                      head.headers(),
                      head.scheme(),
                      head.host()));
            }
            next.handle(exchange);
          })
          .apiMiddleware(new Chained("first,"))
          .apiMiddleware(new Chained("second,"))
          .apiFilter(All::apiFilter)
          .endpoint(
              "GET",
              "/custom/{what}",
              (request, body) ->
                  switch (request.pathParameter("what")) {
                    case "throw" -> throw new IllegalStateException("secret");
                    case "hang" -> {
                      NEVER.await();
                      yield HttpResponse.empty(200);
                    }
                    default -> HttpResponse.json(200, "{\"custom\":true}");
                  })
          .fnAnnotator((request, fn) ->
              new Fn(
                  fn.id(),
                  fn.name(),
                  fn.appId(),
                  fn.image(),
                  fn.memory(),
                  fn.timeout(),
                  fn.idleTimeout(),
                  fn.config(),
                  Map.of("mine", "\"" + fn.id() + "\""),
                  fn.shape(),
                  fn.createdAt(),
                  fn.updatedAt()))
          .triggerAnnotator((request, appName, trigger) ->
              new Trigger(
                  trigger.id(),
                  trigger.name(),
                  trigger.appId(),
                  trigger.fnId(),
                  trigger.createdAt(),
                  trigger.updatedAt(),
                  trigger.type(),
                  trigger.source(),
                  Map.of("mine", "\"" + appName + "\"")))
          .requestIds(given -> "id-of-" + given);
    }

    private static Optional<HttpResponse> rerooted(HttpRequestHead request) throws Exception {
      String wanted = request.headers().first("Funcit");
      if (wanted == null) {
        return Optional.empty();
      }
      return switch (wanted) {
        case "throw" -> throw new IllegalStateException("secret");
        case "refuse" -> throw new ServiceException(418, "no tea");
        case "hang" -> {
          NEVER.await();
          yield Optional.empty();
        }
        default -> Optional.of(HttpResponse.json(200, "Rerooted"));
      };
    }

    private static Optional<HttpResponse> apiFilter(HttpRequestHead request) {
      return request.headers().first("X-Api") == null
          ? Optional.empty()
          : Optional.of(HttpResponse.json(200, "last"));
    }
  }

  private record Chained(String text) implements dev.fncluster.api.extension.HttpMiddleware {
    @Override
    public void handle(
        dev.fncluster.api.http.HttpExchange exchange, dev.fncluster.api.http.HttpHandler next)
        throws Exception {
      if (exchange.request().headers().first("X-Api") == null) {
        next.handle(exchange);
      } else {
        new Prefix(text).handle(exchange, next);
      }
    }
  }

  private record Calls(String node) implements CallListener {
    @Override
    public void before(Call call) throws Exception {
      calls.add(node + " before " + call.id());
      String order = call.headers().first("X-" + node);
      if (order != null) {
        switch (order) {
          case "throw" -> throw new IllegalStateException("secret");
          case "refuse" -> throw new ServiceException(418, "no tea");
          case "hang" -> NEVER.await();
          default -> {}
        }
      }
    }

    @Override
    public void after(Call call) {
      calls.add(node + " after " + call.id() + " " + call.status() + " " + call.error());
      if (call.headers().first("X-" + node) != null) {
        throw new IllegalStateException("nobody cares");
      }
    }
  }

  private static final class Apps implements AppListener {
    @Override
    @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
    public App beforeCreate(App app) throws Exception {
      heard.add("creating " + app.name());
      return switch (app.name()) {
        case "refused" -> throw new ServiceException(418, "no tea");
        case "thrown" -> throw new IllegalStateException("secret");
        case "nothing" -> null;
        case "hung" -> {
          NEVER.await();
          yield app;
        }
        case "" -> named(app, "named-by-listener");
        default -> app;
      };
    }

    private static App named(App app, String name) {
      return new App(
          app.id(),
          name,
          app.config(),
          app.annotations(),
          app.syslogUrl(),
          app.shape(),
          app.createdAt(),
          app.updatedAt());
    }

    @Override
    public void afterCreate(App app) {
      heard.add("created " + app.name() + " " + !app.id().isEmpty());
      if (app.name().equals("late")) {
        throw new ServiceException(418, "no tea");
      }
    }

    @Override
    public App beforeUpdate(String id, App change) {
      heard.add("updating");
      return new App("", "", Map.of("by", "listener"), change.annotations(), null, "", null, null);
    }

    @Override
    public void afterUpdate(App app) {
      heard.add("updated " + app.config().get("by"));
    }

    @Override
    public void beforeDelete(String id) {
      heard.add("deleting");
    }

    @Override
    public void afterDelete(String id) {
      heard.add("deleted");
    }

    @Override
    public void beforeGet(String id) {
      heard.add("getting");
    }

    @Override
    public void afterGet(App app) {
      heard.add("got " + app.name());
    }

    @Override
    public String beforeList(String name) {
      return name.equals("other") ? "named-by-listener" : name;
    }

    @Override
    public void afterList(List<App> apps) {
      heard.add("listed " + apps.size());
    }
  }

  private static final class Fns implements FnListener {
    @Override
    public void afterCreate(Fn fn) {
      heard.add("created fn " + fn.name());
    }

    @Override
    public void afterDelete(String id) {
      heard.add("deleted fn");
    }
  }

  private static final class Triggers implements TriggerListener {
    @Override
    public Trigger beforeCreate(Trigger trigger) {
      heard.add("creating trigger " + trigger.source());
      return trigger;
    }
  }

  @BeforeAll
  static void start() {
    cluster =
        LocalCluster.start(
            Map.of("FN_EXTENSION_TIMEOUT", "2s", "FN_RID_HEADER", "Req-Id"), new All());
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  @BeforeEach
  void forget() {
    heard.clear();
    calls.clear();
  }

  @Test
  void bothSidesHearOfACallBeforeAndAfterIt() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    calls.clear();
    String id = fn.invoke("x").head().first("Fn-Call-Id");
    await().atMost(BOUND).until(() -> calls.size() == 4);
    assertThat(calls.subList(0, 2)).containsExactly("lb before " + id, "runner before " + id);
    assertThat(calls.subList(2, 4))
        .containsExactlyInAnyOrder(
            "lb after " + id + " success ", "runner after " + id + " success ");
  }

  @Test
  void theEndOfACallThatFailedSaysSo() throws Exception {
    LocalCluster.Fn fn = cluster.createFn().answers(seen -> ScriptedFunction.reply(502, "crash"));
    calls.clear();
    assertThat(fn.invoke("x").status()).isEqualTo(502);
    await().atMost(BOUND).until(() -> calls.size() == 4);
    assertThat(calls)
        .anyMatch(each -> each.startsWith("runner after") && each.endsWith("error function failed"))
        .anyMatch(each -> each.startsWith("lb after") && each.endsWith("error function failed"));
  }

  @Test
  void aListenerThatRefusesThrowsOrHangsEndsItsCallOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    for (String node : List.of("lb", "runner")) {
      calls.clear();
      WireClient.Answer refused = fn.invoke("x", "X-" + node + ": refuse");
      String refusedId = refused.head().first("Fn-Call-Id");
      assertThat(refused.status()).isEqualTo(418);
      assertThat(refused.message()).isEqualTo("no tea");
      for (String order : List.of("throw", "hang")) {
        WireClient.Answer failed = fn.invoke("x", "X-" + node + ": " + order);
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.message()).isEqualTo(FAILED);
      }
      assertThat(fn.invoke("well", "X-" + node + ": well").body()).isEqualTo("well");
      await()
          .atMost(BOUND)
          .until(() -> calls.stream().anyMatch(each -> each.startsWith(node + " after")));
      assertThat(calls)
          .contains(node + " before " + refusedId)
          .as("who did not let a call begin is not told of its end")
          .noneMatch(each -> each.startsWith(node + " after " + refusedId));
    }
  }

  @Test
  void rootMiddlewareStandsBeforeCallsTheApiAndUnknownPaths() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(fn.invoke("x", "X-Prefix: middle,").body()).isEqualTo("middle,x");
    assertThat(cluster.api().send("GET", "/v2/apps", "", "X-Prefix: middle,").body())
        .startsWith("middle,{");
    assertThat(cluster.api().send("POST", "/v2/apps/a/fns/b", "", "Funcit: yes").body())
        .isEqualTo("Rerooted");
    assertThat(fn.invoke("x", "Funcit: yes").body()).isEqualTo("Rerooted");
    assertThat(fn.invoke("x", "X-Body: other").body()).isEqualTo("other");
    WireClient.Answer created =
        cluster.api().send("POST", "/v2/apps", "nonsense", "X-Body: {\"name\":\"by-middleware\"}");
    assertThat(created.body()).contains("by-middleware");
  }

  @Test
  void rootMiddlewareCanNotSendARequestElsewhere() throws Exception {
    assertThat(cluster.createFn().invoke("x", "X-Elsewhere: yes").body()).isEqualTo("x");
  }

  @Test
  void aFilterThatRefusesThrowsOrHangsFailsItsRequestOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(fn.invoke("x", "Funcit: refuse").status()).isEqualTo(418);
    assertThat(fn.invoke("x", "Funcit: throw").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("x", "Funcit: hang").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("x").body()).isEqualTo("x");
  }

  @Test
  void apiMiddlewareIsAChainBeforeTheApiAlone() throws Exception {
    assertThat(cluster.api().send("GET", "/v2/apps", "", "X-Api: yes").body())
        .isEqualTo("first,second,last");
    assertThat(cluster.api().send("GET", "/v2/custom/x", "", "X-Api: yes").body())
        .isEqualTo("{\"custom\":true}");
    assertThat(cluster.api().send("GET", "/", "", "X-Api: yes").body()).doesNotContain("first");
  }

  @Test
  void routesOfOnesOwnAreLimitedAndDoNoHarm() throws Exception {
    assertThat(cluster.api().send("GET", "/v2/custom/throw", "").message()).isEqualTo(FAILED);
    assertThat(cluster.api().send("GET", "/v2/custom/hang", "").message()).isEqualTo(FAILED);
    assertThat(cluster.api().send("GET", "/v2/custom/x", "").status()).isEqualTo(200);
  }

  @Test
  void listenersChangeAndRefuseApps() throws Exception {
    WireClient api = cluster.api();
    WireClient.Answer named = api.send("POST", "/v2/apps", "{}");
    assertThat(named.json().get("name").asText()).isEqualTo("named-by-listener");
    assertThat(heard).containsExactly("creating ", "created named-by-listener true");
    String path = "/v2/apps/" + named.json().get("id").asText();
    assertThat(api.send("PUT", path, "{}").json().at("/config/by").asText()).isEqualTo("listener");
    assertThat(api.send("GET", "/v2/apps?name=other", "").json().at("/items/0/name").asText())
        .isEqualTo("named-by-listener");
    heard.clear();
    assertThat(api.send("GET", path, "").status()).isEqualTo(200);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard).containsExactly("getting", "got named-by-listener", "deleting", "deleted");
    assertThat(create("refused").status()).isEqualTo(418);
    for (String failing : List.of("thrown", "nothing", "hung")) {
      assertThat(create(failing).status()).as(failing).isEqualTo(500);
      assertThat(create(failing).message()).as(failing).isEqualTo(FAILED);
    }
    assertThat(api.send("GET", "/v2/apps?name=thrown", "").json().get("items")).isEmpty();
  }

  @Test
  void whatFailsAfterAChangeIsToldAndDoesNotUndoIt() throws Exception {
    WireClient.Answer late = create("late");
    assertThat(late.status()).isEqualTo(418);
    assertThat(cluster.api().send("GET", "/v2/apps?name=late", "").json().get("items")).hasSize(1);
  }

  private static WireClient.Answer create(String name) throws IOException {
    return cluster.api().send("POST", "/v2/apps", "{\"name\":\"" + name + "\"}");
  }

  @Test
  void fnsAndTriggersAreHeardOfAndAnnotated() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    assertThat(heard).contains("created fn " + fn.appName, "creating trigger /tr");
    assertThat(
            cluster.api().send("GET", "/v2/fns/" + fn.id, "").json().at("/annotations").toString())
        .isEqualTo("{\"mine\":\"" + fn.id + "\"}");
    assertThat(
            cluster
                .api()
                .send("GET", "/v2/triggers?app_id=" + fn.appId, "")
                .json()
                .at("/items/0/annotations/mine")
                .asText())
        .isEqualTo(fn.appName);
    cluster.api().send("DELETE", "/v2/fns/" + fn.id, "");
    assertThat(heard).contains("deleted fn");
  }

  @Test
  void requestIdsComeFromTheirProvider() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    fn.invoke("x", "Req-Id: 7");
    assertThat(fn.seen().head().first("Req-Id")).isEqualTo("id-of-7");
    fn.invoke("x");
    assertThat(fn.seen().head().first("Req-Id")).isEqualTo("id-of-");
  }
}
