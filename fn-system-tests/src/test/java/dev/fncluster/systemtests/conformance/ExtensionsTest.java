package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ExtensionSite;
import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.Trigger;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Listeners, middleware, routes and annotators on the nodes of a cluster. */
final class ExtensionsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String FAILED = "an extension of this server failed";
  private static final CountDownLatch NEVER = new CountDownLatch(1);
  private static final List<String> kept = new CopyOnWriteArrayList<>();
  private static final List<String> handedOn = new CopyOnWriteArrayList<>();
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
      site.overrider(new Garbage(node))
          .callListener(new Calls(node))
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
          .rootMiddleware((exchange, next) -> {
            switch (String.valueOf(exchange.request().headers().first("X-Keep"))) {
              case "for ever" -> {}
              case "too long" ->
                  exchange.eventLoop().schedule(() -> handOn(exchange, next), 4, TimeUnit.SECONDS);
              case "twice" -> {
                next.handle(exchange);
                next.handle(exchange);
              }
              case "throw" -> throw new NoSuchMethodError("other version");
              case "null answer" -> exchange.respond(nothing());
              case "null answer later" ->
                  Thread.ofVirtual().start(() -> exchange.respond(nothing()));
              case "null header" -> exchange.setResponseHeader("X-Null", nothing());
              case "null head" -> exchange.replaceRequest(nothing());
              case "null body" -> exchange.respond(answer("null body"));
              default -> next.handle(exchange);
            }
          })
          .rootMiddleware((exchange, next) -> {
            String what = exchange.request().headers().first("X-Break");
            if (what == null) {
              next.handle(exchange);
            } else {
              next.handle(new Breaking(exchange, what));
            }
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
                    case "x" -> HttpResponse.json(200, "{\"custom\":true}");
                    default -> answer(request.pathParameter("what"));
                  })
          .endpoint(
              "GET",
              "/image/{fn}",
              (request, body) ->
                  HttpResponse.json(
                      200, "\"" + site.data().fn(request.pathParameter("fn")).image() + "\""))
          .rootFilter(request ->
              request.headers().first("X-Look-Up") == null
                  ? Optional.empty()
                  : Optional.of(
                      HttpResponse.json(
                          200, site.data().app(request.headers().first("X-Look-Up")).name())))
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

    private static void handOn(HttpExchange exchange, HttpHandler next) {
      try {
        next.handle(exchange);
        handedOn.add(exchange.request().path());
      } catch (Exception e) {
        exchange.complete(e);
      }
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
        case "yes" -> Optional.of(HttpResponse.json(200, "Rerooted"));
        default -> Optional.of(answer(wanted));
      };
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // As a plugin may do.
    private static <T> T nothing() {
      return null;
    }

    private static HttpResponse answer(String how) {
      return switch (how) {
        case "null" -> nothing();
        case "null headers" -> new HttpResponse(200, nothing(), new byte[0]);
        case "null body" -> new HttpResponse(200, new Headers(), nothing());
        case "no status" -> HttpResponse.empty(0);
        case "interim status" -> HttpResponse.empty(100);
        default -> throw new IllegalArgumentException(how);
      };
    }

    private static Optional<HttpResponse> apiFilter(HttpRequestHead request) {
      return request.headers().first("X-Api") == null
          ? Optional.empty()
          : Optional.of(HttpResponse.json(200, "last"));
    }
  }

  /** Throws where the header says, long after its middleware has handed it on. */
  private static final class Breaking extends ForwardingExchange {
    private final String what;

    Breaking(HttpExchange exchange, String what) {
      super(exchange);
      this.what = what;
    }

    private void breakAt(String where) {
      if (what.equals(where)) {
        throw new IllegalStateException("secret");
      }
    }

    @Override
    public RequestBody body() {
      breakAt("body");
      return super.body();
    }

    @Override
    public void respond(HttpResponse response) {
      breakAt("respond");
      super.respond(response);
    }

    @Override
    public void complete(@Nullable Throwable failure) {
      breakAt("complete");
      super.complete(failure);
    }

    @Override
    public ResponseSink response() {
      ResponseSink sink = super.response();
      return new ResponseSink() {
        @Override
        public void head(int status, Headers headers) {
          breakAt("head");
          sink.head(status, headers);
        }

        @Override
        public boolean isHeadWritten() {
          return sink.isHeadWritten();
        }

        @Override
        public void data(ByteBuf chunk) {
          breakAt("data");
          sink.data(chunk);
        }

        @Override
        public boolean isWritable() {
          return sink.isWritable();
        }

        @Override
        public void onWritable(Runnable listener) {
          sink.onWritable(listener);
        }
      };
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

  /** Puts into calls what can't be there, as a header says. */
  private record Garbage(String node) implements CallOverrider {
    @Override
    @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
    public Map<String, String> override(Call call, Map<String, String> extensions) {
      Map<String, String> withNull = new HashMap<>();
      withNull.put("x", null);
      switch (String.valueOf(call.headers().first("X-Put-" + node))) {
        case "image" -> call.image(null);
        case "headers" -> call.headers(null);
        case "config" -> call.config(null);
        case "config value" -> call.config(withNull);
        case "annotation" -> call.annotations(withNull);
        case "extension" -> {
          return withNull;
        }
        default -> {
          return extensions;
        }
      }
      return extensions;
    }

    @Override
    public boolean mayBlock() {
      return false;
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

  /** Misbehaves as the name of a new fn, or the image of a changed one, says. */
  private static final class Fns implements FnListener {
    @Override
    public Fn beforeCreate(Fn fn) throws Exception {
      return misbehave(fn.name(), fn);
    }

    @Override
    public void afterCreate(Fn fn) {
      heard.add("created fn " + fn.name());
    }

    @Override
    public Fn beforeUpdate(String id, Fn change) throws Exception {
      heard.add("updating fn " + id);
      return misbehave(change.image(), change);
    }

    @Override
    public void afterUpdate(Fn fn) throws Exception {
      heard.add("updated fn " + fn.id() + " " + fn.image());
      Fn unused = misbehave(fn.image().replace("late-", ""), fn);
    }

    @Override
    public void beforeDelete(String id) throws Exception {
      heard.add("deleting fn " + id);
      if (kept.contains(id)) {
        throw new ServiceException(418, "no tea");
      }
    }

    @Override
    public void afterDelete(String id) {
      heard.add("deleted fn " + id);
    }
  }

  /** As {@link Fns}, by the names of triggers. */
  private static final class Triggers implements TriggerListener {
    @Override
    public Trigger beforeCreate(Trigger trigger) throws Exception {
      heard.add("creating trigger " + trigger.source());
      return misbehave(trigger.name(), trigger);
    }

    @Override
    public void afterCreate(Trigger trigger) {
      heard.add("created trigger " + trigger.source());
    }

    @Override
    public Trigger beforeUpdate(String id, Trigger change) throws Exception {
      heard.add("updating trigger " + id);
      return misbehave(change.name(), change);
    }

    @Override
    public void afterUpdate(Trigger trigger) {
      heard.add("updated trigger " + trigger.id() + " " + trigger.name());
    }

    @Override
    public void beforeDelete(String id) throws Exception {
      heard.add("deleting trigger " + id);
      if (kept.contains(id)) {
        throw new ServiceException(418, "no tea");
      }
    }

    @Override
    public void afterDelete(String id) {
      heard.add("deleted trigger " + id);
    }
  }

  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  private static <T> T misbehave(String how, T value) throws Exception {
    return switch (how) {
      case "refused" -> throw new ServiceException(418, "no tea");
      case "thrown" -> throw new IllegalStateException("secret");
      case "nothing" -> null;
      case "hung" -> {
        NEVER.await();
        yield value;
      }
      default -> value;
    };
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
  void middlewareThatThrowsOrKeepsARequestFailsItOnly() throws Exception {
    List<String> executed = new CopyOnWriteArrayList<>();
    LocalCluster.Fn fn =
        cluster
            .createFn()
            .answers(seen -> {
              executed.add(seen.body());
              return ScriptedFunction.reply(200, seen.body());
            });
    assertThat(fn.invoke("first").body()).isEqualTo("first");
    for (String how : List.of("throw", "for ever", "too long")) {
      WireClient.Answer answer = fn.invoke(how, "X-Keep: " + how);
      assertThat(answer.status()).as(how).isEqualTo(500);
      assertThat(answer.message()).as(how).isEqualTo(FAILED);
    }
    await().atMost(BOUND).until(() -> !handedOn.isEmpty());
    assertThat(fn.invoke("last").body()).isEqualTo("last");
    assertThat(executed).as("what failed is not executed later").containsExactly("first", "last");
    assertThat(fn.invoke("twice", "X-Keep: twice").message()).isEqualTo(FAILED);
    assertThat(fn.invoke("well").body()).isEqualTo("well");
  }

  @Test
  void answersThatNoneCanBeFailTheirRequestOnly() throws Exception {
    for (String how : List.of("null", "null headers", "null body", "no status", "interim status")) {
      String escaped = how.replace(" ", "%20");
      assertFailed(how, cluster.api().send("GET", "/v2/custom/" + escaped, ""));
      assertFailed(how, cluster.api().send("GET", "/", "", "Funcit: " + how));
    }
    for (String how : List.of("null answer", "null header", "null head", "null body")) {
      assertFailed(how, cluster.api().send("GET", "/", "", "X-Keep: " + how));
    }
    assertFailed("later", cluster.api().send("GET", "/", "", "X-Keep: null answer later"));
    assertThat(cluster.api().send("GET", "/v2/custom/x", "").status()).isEqualTo(200);
  }

  private static void assertFailed(String how, WireClient.Answer answer) {
    assertThat(answer.status()).as(how).isEqualTo(500);
    assertThat(answer.message()).as(how).isEqualTo(FAILED);
  }

  @Test
  void aWrappedExchangeThatThrowsFailsItsRequestOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    calls.clear();
    for (String what : List.of("body", "head")) {
      assertFailed(what, fn.invoke("x", "X-Break: " + what));
    }
    // The head of the answer has gone out by then.
    assertThatThrownBy(() -> fn.invoke("x", "X-Break: data")).isInstanceOf(IOException.class);
    assertThat(catchThrowable(() -> fn.invoke("x", "X-Break: complete")))
        .as("the answer, or the reset of its connection before that was read")
        .matches(failure -> failure == null || failure instanceof IOException);
    assertThat(fn.invoke("x", "X-Break: respond").body()).as("is not used").isEqualTo("x");
    for (String path : List.of("/v2/apps", "/", "/v2/custom/x")) {
      assertFailed(path, cluster.api().send("GET", path, "", "X-Break: respond"));
    }
    assertFailed("/none", cluster.api().send("GET", "/none", "", "X-Break: complete"));
    assertThat(fn.invoke("well").body()).isEqualTo("well");
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(calls)
                .as("all calls end that have begun")
                .filteredOn(each -> each.startsWith("lb after"))
                .hasSameSizeAs(
                    calls.stream().filter(each -> each.startsWith("lb before")).toList()));
  }

  @Test
  void whatAnOverriderPutsIntoACallThatCanNotBeThereFailsItOnly() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    for (String node : List.of("lb", "runner")) {
      for (String what :
          List.of("image", "headers", "config", "config value", "annotation", "extension")) {
        WireClient.Answer answer = fn.invoke("x", "X-Put-" + node + ": " + what);
        if (answer.status() != 200) {
          assertFailed(node + " " + what, answer);
        }
      }
    }
    assertThat(fn.invoke("well").body()).isEqualTo("well");
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
  void extensionsReadWhatTheirNodeReads() throws Exception {
    LocalCluster.Fn fn = cluster.createFn();
    heard.clear();
    assertThat(cluster.api().send("GET", "/v2/image/" + fn.id, "").body())
        .isEqualTo("\"" + fn.image + "\"");
    assertThat(cluster.api().send("GET", "/v2/image/none", "").status()).isEqualTo(404);
    assertThat(cluster.api().send("GET", "/", "", "X-Look-Up: " + fn.appId).body())
        .isEqualTo(fn.appName);
    assertThat(heard).as("past listeners").isEmpty();
    // A load balancer asks the API node as anybody does, whose listeners hear of it.
    assertThat(fn.invoke("x", "X-Look-Up: " + fn.appId).body()).isEqualTo(fn.appName);
    assertThat(cluster.runner().send("GET", "/", "", "X-Look-Up: " + fn.appId).status())
        .isEqualTo(503);
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
    assertThat(heard)
        .contains("created fn " + fn.appName, "creating trigger /tr", "created trigger /tr");
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
    assertThat(heard).contains("deleted fn " + fn.id);
  }

  @Test
  void changesAndDeletionsOfFnsAreHeardOfAndMayBeRefused() throws Exception {
    WireClient api = cluster.api();
    LocalCluster.Fn fn = cluster.createFn();
    heard.clear();
    String path = "/v2/fns/" + fn.id;
    assertThat(api.send("PUT", path, "{\"image\":\"other/image:1\"}").status()).isEqualTo(200);
    assertThat(heard)
        .containsExactly("updating fn " + fn.id, "updated fn " + fn.id + " other/image:1");
    assertMisbehaviourFails(how -> api.send("PUT", path, "{\"image\":\"" + how + "\"}"));
    assertThat(api.send("GET", path, "").json().get("image").asText())
        .as("nothing of that was done")
        .isEqualTo("other/image:1");
    assertThat(api.send("PUT", path, "{\"image\":\"late-refused\"}").status()).isEqualTo(418);
    assertThat(api.send("GET", path, "").json().get("image").asText())
        .as("what fails after a change does not undo it")
        .isEqualTo("late-refused");
    assertMisbehaviourFails(how ->
        api.send(
            "POST",
            "/v2/fns",
            "{\"name\":\"" + how + "\",\"app_id\":\"" + fn.appId + "\",\"image\":\"a/b:1\"}"));
    heard.clear();
    kept.add(fn.id);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(418);
    assertThat(heard).containsExactly("deleting fn " + fn.id);
    kept.clear();
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard).endsWith("deleting fn " + fn.id, "deleted fn " + fn.id);
  }

  @Test
  void changesAndDeletionsOfTriggersAreHeardOfAndMayBeRefused() throws Exception {
    WireClient api = cluster.api();
    LocalCluster.Fn fn = cluster.createFn();
    heard.clear();
    String path = "/v2/triggers/" + fn.triggerId;
    assertThat(api.send("PUT", path, body(fn, "{\"name\":\"renamed\"}")).status()).isEqualTo(200);
    assertThat(heard)
        .containsExactly(
            "updating trigger " + fn.triggerId, "updated trigger " + fn.triggerId + " renamed");
    assertMisbehaviourFails(how -> api.send("PUT", path, body(fn, "{\"name\":\"" + how + "\"}")));
    assertThat(api.send("GET", path, "").json().get("name").asText()).isEqualTo("renamed");
    assertMisbehaviourFails(how ->
        api.send(
            "POST",
            "/v2/triggers",
            "{\"name\":\"%s\",\"app_id\":\"%s\",\"fn_id\":\"%s\",\"type\":\"http\",\"source\":\"/s\"}"
                .formatted(how, fn.appId, fn.id)));
    heard.clear();
    kept.add(fn.triggerId);
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(418);
    kept.clear();
    assertThat(api.send("DELETE", path, "").status()).isEqualTo(204);
    assertThat(heard)
        .containsExactly(
            "deleting trigger " + fn.triggerId,
            "deleting trigger " + fn.triggerId,
            "deleted trigger " + fn.triggerId);
  }

  // An update of a trigger names it, as those of the CLI do.
  private static String body(LocalCluster.Fn fn, String change) {
    return change.replaceFirst("}$", ",\"id\":\"" + fn.triggerId + "\"}");
  }

  private interface Sending {
    WireClient.Answer send(String how) throws IOException;
  }

  private static void assertMisbehaviourFails(Sending sending) throws IOException {
    WireClient.Answer refused = sending.send("refused");
    assertThat(refused.status()).isEqualTo(418);
    assertThat(refused.message()).isEqualTo("no tea");
    for (String how : List.of("thrown", "nothing", "hung")) {
      WireClient.Answer failed = sending.send(how);
      assertThat(failed.status()).as(how).isEqualTo(500);
      assertThat(failed.message()).as(how).isEqualTo(FAILED);
    }
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
