package dev.fncluster.api.http;

import org.apiguardian.api.API;

/** Answers requests on the event loop. Must not block. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface HttpHandler {
  /**
   * Begins to answer. What it throws is answered as by {@link HttpExchange#complete}.
   *
   * @throws Exception any failure
   */
  void handle(HttpExchange exchange) throws Exception;
}
