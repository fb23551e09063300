package dev.fncluster.api.http;

/**
 * Takes the routes of a server while it is put together.
 *
 * <p>A pattern is a path whose segments are literal, <code>{name}</code> for any one segment, or,
 * at the end, <code>*name</code> for all the rest including its leading slash: <code>
 * /t/{app}/*source
 * </code> gives <code>/x/y</code> for <code>/t/a/x/y</code>. Patterns match the decoded path;
 * double slashes and a trailing slash are significant.
 */
public interface Routes {
  /** The method that stands for every method. */
  String ANY_METHOD = "*";

  /** Adds a route that is answered on the event loop. */
  Routes add(String method, String pattern, HttpHandler handler);

  /** Adds a route that is answered on a virtual thread. */
  Routes addBlocking(String method, String pattern, BlockingHandler handler);
}
