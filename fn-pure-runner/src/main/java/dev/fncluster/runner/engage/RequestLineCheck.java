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
    int end = Math.min(first(text, '?', 0, text.length()), first(text, '#', 0, text.length()));
    int colon = first(text, ':', 0, end);
    if (colon == end || colon > first(text, '/', 0, end)) {
      return areEscapesWhole(text, 0, end);
    }
    if (!isScheme(text, colon)) {
      return false;
    }
    int authority = colon + 3;
    if (authority > end || !text.startsWith("//", colon + 1)) {
      return true;
    }
    int path = first(text, '/', authority, end);
    return isAuthority(text, authority, path) && areEscapesWhole(text, path, end);
  }

  /** The index of the first {@code character} from {@code from} on, or {@code to}. */
  private static int first(String text, char character, int from, int to) {
    int index = text.indexOf(character, from, to);
    return index < 0 ? to : index;
  }

  private static boolean isScheme(String text, int to) {
    for (int i = 0; i < to; i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && (i == 0 || (!isDigit(c) && "+-.".indexOf(c) < 0))) {
        return false;
      }
    }
    return to > 0;
  }

  private static boolean isAuthority(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && !isDigit(c) && c <= 0x7F && ALSO_IN_AUTHORITY.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean areEscapesWhole(String text, int from, int to) {
    for (int i = text.indexOf('%', from, to); i >= 0; i = text.indexOf('%', i + 1, to)) {
      if (i + 2 >= to
          || Character.digit(text.charAt(i + 1), 16) < 0
          || Character.digit(text.charAt(i + 2), 16) < 0) {
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
