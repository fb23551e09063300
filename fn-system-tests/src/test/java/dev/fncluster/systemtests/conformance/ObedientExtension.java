package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.extension.ExtensionSite;
import dev.fncluster.api.http.ForwardingExchange;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An extension of all nodes that does what the headers and names of requests say, good and bad. */
record ObedientExtension(Heard heard) implements Extension {
  @Override
  public void setUp(ExtensionSite site) {
    String node =
        site.setting("FN_RUNNER_API_URL").isPresent()
            ? "lb"
            : site.setting("FN_GRPC_PORT").isPresent() ? "runner" : "api";
    site.overrider(new GarbageOverrider(node))
        .callListener(new HeardCalls(node, heard))
        .appListener(new HeardApps(heard))
        .fnListener(new HeardFns(heard))
        .triggerListener(new HeardTriggers(heard))
        .rootFilter(ObedientExtension::rerooted)
        .rootMiddleware(ObedientExtension::prefixed)
        .rootMiddleware(ObedientExtension::withOtherBody)
        .rootMiddleware(ObedientExtension::sentElsewhere)
        .rootMiddleware(this::kept)
        .rootMiddleware(ObedientExtension::broken)
        .apiMiddleware((exchange, next) -> chained("first,", exchange, next))
        .apiMiddleware((exchange, next) -> chained("second,", exchange, next))
        .apiFilter(ObedientExtension::apiFilter)
        .endpoint("GET", "/custom/{what}", (request, body) -> custom(request))
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
        .fnAnnotator((request, fn) -> annotated(fn))
        .triggerAnnotator((request, appName, trigger) -> annotated(trigger, appName))
        .requestIds(given -> "id-of-" + given);
  }

  /** Puts a text before the answer. */
  private static void prefixed(HttpExchange exchange, HttpHandler next) throws Exception {
    String wanted = exchange.request().headers().first("X-Prefix");
    if (wanted == null) {
      next.handle(exchange);
    } else {
      new Prefix(wanted).handle(exchange, next);
    }
  }

  /** Hands on another body. */
  private static void withOtherBody(HttpExchange exchange, HttpHandler next) throws Exception {
    if (exchange.request().headers().first("X-Body") == null) {
      next.handle(exchange);
      return;
    }
    RequestBody other =
        BytesBody.of(exchange.request().headers().first("X-Body").getBytes(StandardCharsets.UTF_8));
    next.handle(
        new ForwardingExchange(exchange) {
          @Override
          public RequestBody body() {
            return other;
          }
        });
  }

  /** Replaces the request, which does not move it. */
  private static void sentElsewhere(HttpExchange exchange, HttpHandler next) throws Exception {
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
  }

  /** Keeps the request, hands it on twice, or does worse with it. */
  private void kept(HttpExchange exchange, HttpHandler next) throws Exception {
    switch (String.valueOf(exchange.request().headers().first("X-Keep"))) {
      case "for ever" -> {}
      case "too long" ->
          exchange.eventLoop().schedule(() -> handOn(exchange, next), 4, TimeUnit.SECONDS);
      case "twice" -> {
        next.handle(exchange);
        next.handle(exchange);
      }
      case "throw" -> throw new NoSuchMethodError("other version");
      case "null answer" -> exchange.respond(Misbehaviour.nothing());
      case "null answer later" ->
          Thread.ofVirtual().start(() -> exchange.respond(Misbehaviour.nothing()));
      case "null header" -> exchange.setResponseHeader("X-Null", Misbehaviour.nothing());
      case "null head" -> exchange.replaceRequest(Misbehaviour.nothing());
      case "null body" -> exchange.respond(Misbehaviour.answer("null body"));
      default -> next.handle(exchange);
    }
  }

  /** Hands on an exchange that throws. */
  private static void broken(HttpExchange exchange, HttpHandler next) throws Exception {
    String what = exchange.request().headers().first("X-Break");
    if (what == null) {
      next.handle(exchange);
    } else {
      next.handle(new BreakingExchange(exchange, what));
    }
  }

  private static Fn annotated(Fn fn) {
    return new Fn(
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
        fn.updatedAt());
  }

  private static Trigger annotated(Trigger trigger, String appName) {
    return new Trigger(
        trigger.id(),
        trigger.name(),
        trigger.appId(),
        trigger.fnId(),
        trigger.createdAt(),
        trigger.updatedAt(),
        trigger.type(),
        trigger.source(),
        Map.of("mine", "\"" + appName + "\""));
  }

  private static HttpResponse custom(HttpRequestHead request) throws Exception {
    return switch (request.pathParameter("what")) {
      case "throw" -> throw new IllegalStateException("secret");
      case "hang" -> {
        Misbehaviour.hang();
        yield HttpResponse.empty(200);
      }
      case "x" -> HttpResponse.json(200, "{\"custom\":true}");
      default -> Misbehaviour.answer(request.pathParameter("what"));
    };
  }

  private static void chained(String text, HttpExchange exchange, HttpHandler next)
      throws Exception {
    if (exchange.request().headers().first("X-Api") == null) {
      next.handle(exchange);
    } else {
      new Prefix(text).handle(exchange, next);
    }
  }

  private void handOn(HttpExchange exchange, HttpHandler next) {
    try {
      next.handle(exchange);
      heard.handedOn().add(exchange.request().path());
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
        Misbehaviour.hang();
        yield Optional.empty();
      }
      case "yes" -> Optional.of(HttpResponse.json(200, "Rerooted"));
      default -> Optional.of(Misbehaviour.answer(wanted));
    };
  }

  private static Optional<HttpResponse> apiFilter(HttpRequestHead request) {
    return request.headers().first("X-Api") == null
        ? Optional.empty()
        : Optional.of(HttpResponse.json(200, "last"));
  }
}
