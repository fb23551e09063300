package dev.fncluster.api.http;

/** Puts something around the handlers of routes, such as a check of who calls. */
@FunctionalInterface
public interface RouteWrapper {
  /**
   * What answers the requests of a route, asked for once, when the route is added. It runs on the
   * event loop and before anything of the body is read, and may hand requests on to {@code handler}
   * at once or, on that event loop, later.
   *
   * @param pattern as {@link Routes} has it
   */
  HttpHandler wrap(String method, String pattern, HttpHandler handler);
}
