package dev.fncluster.api.http;

import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apiguardian.api.API;

/**
 * A whole response in memory.
 *
 * @param status 200 to 599; another one is answered with 500
 * @param body must not be changed afterwards
 */
@API(status = API.Status.STABLE, since = "0.1")
public record HttpResponse(int status, Headers headers, byte[] body) {
  /** The content type of every JSON answer. */
  public static final String JSON = "application/json; charset=utf-8";

  /** Checks that nothing is missing. */
  public HttpResponse {
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(body, "body");
  }

  /** An answer of {@code status} with a JSON text. */
  public static HttpResponse json(int status, String json) {
    return new HttpResponse(
        status,
        new Headers(4).add(HeaderNames.CONTENT_TYPE, JSON),
        json.getBytes(StandardCharsets.UTF_8));
  }

  /** An answer without a body. */
  public static HttpResponse empty(int status) {
    return new HttpResponse(status, new Headers(4), new byte[0]);
  }
}
