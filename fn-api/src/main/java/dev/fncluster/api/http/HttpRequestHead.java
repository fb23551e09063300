package dev.fncluster.api.http;

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
 */
public record HttpRequestHead(
    String method,
    String uri,
    String path,
    Map<String, String> pathParameters,
    Headers headers,
    String scheme,
    String host) {
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
}
