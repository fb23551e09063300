package dev.fncluster.api.http;

import dev.fncluster.api.error.InvocationErrors;

/** Has a request answered by its route, or says why there is none. Stateless. */
final class Dispatcher {
  private Dispatcher() {}

  /**
   * Begins to answer, if there is nothing against the request already; answers every failure.
   *
   * @param length of the body as announced, or -1
   */
  static void start(
      ServerParts server,
      ServerExchange exchange,
      Router.Match match,
      RequestTarget target,
      long length,
      boolean unknownExpectation) {
    long max = server.settings().maxRequestSize();
    try {
      if (max > 0 && length > max) {
        exchange.complete(InvocationErrors.bodyTooLarge(length, max));
      } else if (unknownExpectation) {
        exchange.complete(HttpErrors.expectationFailed());
      } else {
        dispatch(server, exchange, match, target);
      }
    } catch (Exception e) {
      exchange.complete(e);
    }
  }

  /**
   * Begins to answer.
   *
   * @throws Exception what the handler throws
   */
  private static void dispatch(
      ServerParts server, ServerExchange exchange, Router.Match match, RequestTarget target)
      throws Exception {
    if (!isOriginFine(server.cors(), exchange)) {
      return;
    }
    if (!target.wellFormed()) {
      exchange.observe(RequestObserver.INVALID_ROUTE);
      exchange.complete(InvocationErrors.pathMalformed());
      return;
    }
    String method = exchange.request().method();
    HttpHandler handler =
        switch (match) {
          case Router.Match.Found found -> {
            exchange.observe(found.route().pattern());
            yield found.route().handler();
          }
          case Router.Match.OtherSlash ignored ->
              invalid(
                  exchange, it -> it.respond(Redirects.to(method, target.withPathSlashToggled())));
          case Router.Match.WrongMethod ignored ->
              invalid(
                  exchange,
                  it -> it.complete(InvocationErrors.methodNotAllowed(method, target.path())));
          case Router.Match.NotFound ignored ->
              invalid(
                  exchange,
                  it -> it.complete(InvocationErrors.pathNotFound(method, target.path())));
        };
    server.root().before(handler).handle(exchange);
  }

  private static HttpHandler invalid(ServerExchange exchange, HttpHandler handler) {
    exchange.observe(RequestObserver.INVALID_ROUTE);
    return handler;
  }

  private static boolean isOriginFine(Cors cors, ServerExchange exchange) {
    HttpRequestHead request = exchange.request();
    String origin = request.headers().first("Origin");
    if (origin == null) {
      return true;
    }
    return switch (cors.judge(request.method(), origin)) {
      case UNTOUCHED -> true;
      case ALLOWED -> {
        cors.addTo(exchange, origin);
        yield true;
      }
      case PREFLIGHT -> {
        exchange.respond(cors.preflight(origin));
        yield false;
      }
      case FORBIDDEN -> {
        exchange.respond(HttpResponse.empty(403));
        yield false;
      }
    };
  }
}
