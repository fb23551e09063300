package dev.fncluster.api.http;

import dev.fncluster.api.auth.Caller;
import dev.fncluster.api.model.Headers;
import java.net.InetAddress;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body.
 *
 * @param method as sent, usually upper case
 * @param uri path and query as sent, percent-encoding kept
 * @param path the decoded path without the query
 * @param pathParameters the named parts of the route's pattern, decoded
 * @param headers with canonical names; without {@code Host} and {@code Transfer-Encoding}
 * @param scheme {@code http} or {@code https}, by this very connection or, in front of a proxy that
 *     is trusted, the client's
 * @param host the Host header, may be empty; the one that a client sent to a trusted proxy
 * @param caller who sent it; {@link Caller#ANYONE} where nobody is asked for a token
 * @param client where it came from, trusted proxies left out; null where that can't be told
 */
@API(status = API.Status.STABLE, since = "0.1")
public record HttpRequestHead(
    String method,
    String uri,
    String path,
    Map<String, String> pathParameters,
    Headers headers,
    String scheme,
    String host,
    Caller caller,
    @Nullable InetAddress client) {
  /** A request of {@link Caller#ANYONE} from nowhere in particular. */
  public HttpRequestHead(
      String method,
      String uri,
      String path,
      Map<String, String> pathParameters,
      Headers headers,
      String scheme,
      String host) {
    this(method, uri, path, pathParameters, headers, scheme, host, Caller.ANYONE, null);
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

  /** The same request as its client sent it; null stays what it is. */
  HttpRequestHead from(
      InetAddress otherClient, @Nullable String otherScheme, @Nullable String otherHost) {
    return new HttpRequestHead(
        method,
        uri,
        path,
        pathParameters,
        headers,
        otherScheme == null ? scheme : otherScheme,
        otherHost == null ? host : otherHost,
        caller,
        otherClient);
  }

  /** The same request, known to come from {@code who}, with other headers. */
  public HttpRequestHead from(Caller who, Headers otherHeaders) {
    return new HttpRequestHead(
        method, uri, path, pathParameters, otherHeaders, scheme, host, who, client);
  }
}
