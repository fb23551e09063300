package dev.fncluster.api.http;

import org.apiguardian.api.API;

/** Answers requests in straight-line code on a virtual thread, with the whole body at hand. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface BlockingHandler {
  /**
   * The answer. What it throws becomes an error answer: the code and text of an {@link
   * dev.fncluster.api.error.FnException}, else 500.
   *
   * @param body at most as long as the server's limit for such requests; must not be changed
   * @throws Exception any failure
   */
  HttpResponse handle(HttpRequestHead request, byte[] body) throws Exception;
}
