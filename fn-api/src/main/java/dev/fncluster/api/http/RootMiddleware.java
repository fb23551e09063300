package dev.fncluster.api.http;

/** Stands before everything that a listener serves. Thread-safe. */
@FunctionalInterface
public interface RootMiddleware {
  /** Nothing stands there. */
  RootMiddleware NONE = last -> last;

  /** What handles a request in the place of {@code last}. */
  HttpHandler before(HttpHandler last);
}
