package dev.fncluster.api.extension;

import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpHandler;
import org.apiguardian.api.API;

/**
 * Stands between the server and what answers requests. It may answer in the place of that, or hand
 * on the exchange, as it is or in a wrapper ({@link dev.fncluster.api.http.ForwardingExchange})
 * that changes request, body or answer.
 *
 * <p>The route of a request is found before: another path in a changed request leads nowhere else.
 *
 * <p>Runs on the event loop of the client's connection and must not block; what has to wait is an
 * {@link HttpFilter}. Thread-safe. The first that was added is the outermost. A request that it
 * neither answers nor hands on within the limit for extensions has failed with code 500.
 */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface HttpMiddleware {
  /**
   * Answers, or calls {@code next.handle} once: at once, or later on the event loop of the
   * exchange. What it throws is answered: the code and text of a {@link
   * dev.fncluster.api.error.FnException}, else 500.
   *
   * @param next the next middleware, or what answers
   */
  void handle(HttpExchange exchange, HttpHandler next) throws Exception;
}
