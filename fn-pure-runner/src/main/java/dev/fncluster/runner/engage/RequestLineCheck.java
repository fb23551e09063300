package dev.fncluster.runner.engage;

import dev.fncluster.api.model.Call;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;

/**
 * Tells whether method and URL of a call can be those of an HTTP request. It refuses what no
 * request can have had, and nothing that a load balancer takes from its clients. A call may lack
 * either.
 */
final class RequestLineCheck {
  private static final String ALSO_IN_AUTHORITY = "-._~%[]!$&'()*+,;=:@";

  private RequestLineCheck() {}

  /**
   * Returns when all is well.
   *
   * @throws IllegalArgumentException when it is not, with a text for the caller
   */
  static void check(Call call) {
    String method = call.method();
    if (!method.isEmpty() && HttpHeaderValidationUtil.validateToken(method) >= 0) {
      throw new IllegalArgumentException("method is not one of HTTP");
    }
    if (!isUrl(call.url())) {
      throw new IllegalArgumentException("url is not a URL");
    }
  }

  private static boolean isUrl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == 0x7F) {
        return false;
      }
    }
    String url = text.substring(0, first(text, "?#", 0));
    int segment = first(url, "/", 0);
    int colon = url.indexOf(':');
    if (colon < 0 || colon > segment) {
      return areEscapesWhole(url);
    }
    if (!isScheme(url.substring(0, colon))) {
      return false;
    }
    if (!url.startsWith("//", colon + 1)) {
      return true;
    }
    int path = first(url, "/", colon + 3);
    return isAuthority(url.substring(colon + 3, path)) && areEscapesWhole(url.substring(path));
  }

  /** The index of the first of {@code characters} at or after {@code from}, or the length. */
  private static int first(String text, String characters, int from) {
    int i = from;
    while (i < text.length() && characters.indexOf(text.charAt(i)) < 0) {
      i++;
    }
    return i;
  }

  private static boolean isScheme(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && (i == 0 || (!isDigit(c) && "+-.".indexOf(c) < 0))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isAuthority(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && !isDigit(c) && c <= 0x7F && ALSO_IN_AUTHORITY.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean areEscapesWhole(String path) {
    for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
      if (i + 2 >= path.length()
          || Character.digit(path.charAt(i + 1), 16) < 0
          || Character.digit(path.charAt(i + 2), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
