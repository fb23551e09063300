package dev.fncluster.api.http;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.model.Headers;
import java.util.Map;

/**
 * A request without its body.
 *
 * @param method as sent, usually upper case
 * @param uri path and query as sent, percent-encoding kept
 * @param path the decoded path without the query
 * @param pathParameters the named parts of the route's pattern, decoded
 * @param headers with canonical names; without {@code Host} and {@code Transfer-Encoding}
 * @param scheme {@code http} or {@code https}, by this very connection
 * @param host the Host header, may be empty
 * @param caller who sent it; {@link Caller#ANYONE} where nobody is asked for a token
 */
public record HttpRequestHead(
    String method,
    String uri,
    String path,
    Map<String, String> pathParameters,
    Headers headers,
    String scheme,
    String host,
    Caller caller) {
  /** A request of {@link Caller#ANYONE}. */
  public HttpRequestHead(
      String method,
      String uri,
      String path,
      Map<String, String> pathParameters,
      Headers headers,
      String scheme,
      String host) {
    this(method, uri, path, pathParameters, headers, scheme, host, Caller.ANYONE);
  }

  /** The named part of the route's pattern. */
  public String pathParameter(String name) {
    String value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no parameter " + name);
    }
    return value;
  }

  /** The absolute URL of the request. */
  public String url() {
    return scheme + "://" + host + uri;
  }

  /** The same request, known to come from {@code who}, with other headers. */
  public HttpRequestHead from(Caller who, Headers otherHeaders) {
    return new HttpRequestHead(method, uri, path, pathParameters, otherHeaders, scheme, host, who);
  }
}
