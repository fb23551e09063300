package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.HttpFilter;
import dev.fncluster.api.extension.HttpMiddleware;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import java.util.List;
import java.util.Optional;

/** Middleware as handlers around handlers. */
final class Middleware {
  private Middleware() {}

  /** The first of {@code all} before the others before {@code last}. */
  static HttpHandler around(List<HttpMiddleware> all, HttpHandler last) {
    HttpHandler handler = last;
    for (HttpMiddleware each : all.reversed()) {
      HttpHandler next = handler;
      handler = exchange -> handle(each, exchange, next);
    }
    return handler;
  }

  private static void handle(HttpMiddleware each, HttpExchange exchange, HttpHandler next)
      throws Exception {
    Passed passed = new Passed(next);
    try {
      each.handle(exchange, passed);
    } catch (Throwable failure) {
      if (passed.failure == failure) {
        throw passed.failure;
      }
      throw ExtensionRunner.told(each, Subject.NONE, failure);
    }
  }

  /** Tells what comes later from the middleware itself, when both throw through it. */
  private static final class Passed implements HttpHandler {
    private final HttpHandler next;
    private Exception failure = new IllegalStateException("nothing failed");

    Passed(HttpHandler next) {
      this.next = next;
    }

    @Override
    public void handle(HttpExchange exchange) throws Exception {
      try {
        next.handle(exchange);
      } catch (Exception e) {
        failure = e;
        throw e;
      }
    }
  }

  /** Middleware that asks {@code filter}. */
  static HttpMiddleware of(HttpFilter filter, ExtensionRunner runner) {
    return (exchange, next) -> {
      HttpRequestHead request = exchange.request();
      runner
          .start(filter, Subject.NONE, () -> filter.answer(request))
          .whenComplete((answer, failure) ->
              exchange
                  .eventLoop()
                  .execute(() -> {
                    if (failure != null) {
                      exchange.complete(failure);
                    } else {
                      goOn(exchange, next, answer);
                    }
                  }));
    };
  }

  private static void goOn(HttpExchange exchange, HttpHandler next, Optional<HttpResponse> answer) {
    if (answer.isPresent()) {
      exchange.respond(answer.get());
      return;
    }
    try {
      next.handle(exchange);
    } catch (Exception e) {
      exchange.complete(e);
    }
  }
}
