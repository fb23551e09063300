package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.HttpFilter;
import dev.fncluster.api.extension.HttpMiddleware;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Middleware as handlers around handlers. */
final class Middleware {
  private Middleware() {}

  /**
   * The first of {@code all} before the others before {@code last}.
   *
   * @param limit how long each may keep a request without handing it on or answering it
   */
  static HttpHandler around(List<HttpMiddleware> all, HttpHandler last, Duration limit) {
    HttpHandler handler = last;
    for (HttpMiddleware each : all.reversed()) {
      HttpHandler next = handler;
      handler = exchange -> handle(each, exchange, next, limit);
    }
    return handler;
  }

  private static void handle(
      HttpMiddleware each, HttpExchange exchange, HttpHandler next, Duration limit)
      throws Exception {
    Passed passed = new Passed(each, exchange, next);
    try {
      each.handle(exchange, passed);
    } catch (Throwable failure) {
      if (passed.failure == failure) {
        throw passed.failure;
      }
      throw ExtensionRunner.told(each, Subject.NONE, failure);
    }
    // Most have handed it on or answered it by now, and what may block has a limit already.
    if (!(each instanceof Filter) && isKept(exchange, passed)) {
      exchange
          .eventLoop()
          .schedule(
              () -> {
                if (isKept(exchange, passed)) {
                  passed.tooLate = true;
                  exchange.complete(
                      ExtensionRunner.broken(
                          each,
                          Subject.NONE,
                          "it kept a request for more than " + limit.toMillis() + " ms"));
                }
              },
              limit.toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }

  private static boolean isKept(HttpExchange exchange, Passed passed) {
    return !passed.passed
        && !exchange.response().isHeadWritten()
        && !exchange.context().isCancelled();
  }

  /** Tells what comes later from the middleware itself, when both throw through it. */
  private static final class Passed implements HttpHandler {
    private final HttpMiddleware middleware;
    private final HttpExchange given;
    private final HttpHandler next;
    private Exception failure = new IllegalStateException("nothing failed");
    private boolean passed;
    private boolean tooLate;

    Passed(HttpMiddleware middleware, HttpExchange given, HttpHandler next) {
      this.middleware = middleware;
      this.given = given;
      this.next = next;
    }

    @Override
    public void handle(HttpExchange exchange) throws Exception {
      if (tooLate) {
        // It has been answered, and nobody may begin what the client was told had failed.
        return;
      }
      if (passed) {
        throw new IllegalStateException("a request is handed on once, not again");
      }
      passed = true;
      try {
        next.handle(
            exchange == given
                ? exchange
                : new GuardedExchange(Objects.requireNonNull(exchange), given, middleware));
      } catch (Exception e) {
        failure = e;
        throw e;
      }
    }
  }

  /** Middleware that asks a filter, within the limit of {@code runner}. */
  record Filter(HttpFilter filter, ExtensionRunner runner) implements HttpMiddleware {
    @Override
    public void handle(HttpExchange exchange, HttpHandler next) {
      HttpRequestHead request = exchange.request();
      runner
          .start(
              filter,
              Subject.NONE,
              () -> {
                Optional<HttpResponse> answer = filter.answer(request);
                checked(answer == null ? null : answer.orElse(null));
                return answer;
              })
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
    }
  }

  /**
   * The same answer, of which the server can make something: who is to blame is known here.
   *
   * @param answer null for none
   */
  static @Nullable HttpResponse checked(@Nullable HttpResponse answer) {
    if (answer != null && (answer.status() < 200 || answer.status() > 599)) {
      throw new IllegalArgumentException("no answer has the status " + answer.status());
    }
    return answer;
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
