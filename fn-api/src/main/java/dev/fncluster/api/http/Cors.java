package dev.fncluster.api.http;

import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.SettingException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which browsers' pages may use this server. Answers preflights itself, so that they never reach a
 * function. Immutable.
 */
final class Cors {
  /** What is to be done with a request. */
  enum Verdict {
    /** It has no origin, or CORS is off: go on as if there were no CORS. */
    UNTOUCHED,
    /** Go on, and put {@link #addTo} on whatever the answer is. */
    ALLOWED,
    /** Answer {@link #preflight}. */
    PREFLIGHT,
    /** Answer 403. */
    FORBIDDEN
  }

  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
  private static final String METHODS = "GET,POST,PUT,HEAD,DELETE";
  private static final String MAX_AGE_SECONDS = "43200";

  private final boolean enabled;
  private final boolean all;
  private final Set<String> origins;
  private final String headers;

  /**
   * Checks the origins.
   *
   * @throws SettingException when one is neither the leading asterisk nor a URL
   */
  Cors(List<String> origins, List<String> headers) {
    this.enabled = !origins.isEmpty();
    this.all = isAll(origins);
    this.origins = new HashSet<>(origins);
    this.headers = headers.stream().map(HeaderNames::canonical).collect(Collectors.joining(","));
    check(origins);
  }

  /** The check alone. */
  static void check(List<String> origins) {
    if (isAll(origins)) {
      return;
    }
    for (String each : origins) {
      if (!each.startsWith("http://") && !each.startsWith("https://")) {
        throw new SettingException(
            "FN_API_CORS_ORIGINS has the origin \""
                + each
                + "\"; expected http://… or https://…, or * as the first");
      }
    }
  }

  private static boolean isAll(List<String> origins) {
    return !origins.isEmpty() && origins.getFirst().equals("*");
  }

  /** Judges a request by its method and its {@code Origin}, empty when it has none. */
  Verdict judge(String method, String origin) {
    if (!enabled || origin.isEmpty()) {
      return Verdict.UNTOUCHED;
    }
    if (!all && !origins.contains(origin)) {
      return Verdict.FORBIDDEN;
    }
    return method.equals("OPTIONS") ? Verdict.PREFLIGHT : Verdict.ALLOWED;
  }

  /** The headers that tell the browser yes; {@code Vary} adds to what the answer has of it. */
  void addTo(ServerExchange exchange, String origin) {
    exchange.setResponseHeader(ALLOW_ORIGIN, all ? "*" : origin);
    if (!all) {
      exchange.addResponseHeader("Vary", "Origin");
    }
  }

  /** The answer to a preflight of an allowed origin. */
  HttpResponse preflight(String origin) {
    Headers answer =
        new Headers()
            .add(ALLOW_ORIGIN, all ? "*" : origin)
            .add("Access-Control-Allow-Methods", METHODS)
            .add("Access-Control-Allow-Headers", headers)
            .add("Access-Control-Max-Age", MAX_AGE_SECONDS);
    if (!all) {
      answer
          .add("Vary", "Origin")
          .add("Vary", "Access-Control-Request-Method")
          .add("Vary", "Access-Control-Request-Headers");
    }
    return new HttpResponse(200, answer, new byte[0]);
  }
}
