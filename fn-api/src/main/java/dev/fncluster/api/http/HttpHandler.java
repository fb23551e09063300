package dev.fncluster.api.http;

/** Answers requests on the event loop. Must not block. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Begins to answer. What it throws is answered as by {@link HttpExchange#complete}.
   *
   * @throws Exception any failure
   */
  void handle(HttpExchange exchange) throws Exception;
}
