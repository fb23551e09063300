package dev.fncluster.api.http;

/** Answers requests in straight-line code on a virtual thread, with the whole body at hand. */
@FunctionalInterface
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
