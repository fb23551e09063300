package dev.fncluster.api.guard;

import dev.fncluster.api.auth.AuthErrors;
import dev.fncluster.api.model.Headers;
import java.util.List;

/** Takes the token out of a request. Stateless. */
final class BearerToken {
  static final String HEADER = "Authorization";

  private static final String SCHEME = "Bearer ";

  /** Longer ones are refused unread: their hash would be made on an event loop. */
  private static final int MAX_LENGTH = 16 * 1024;

  private BearerToken() {}

  /**
   * The token of a request.
   *
   * @throws dev.fncluster.api.error.ServiceException 401 when there is none, or not just one
   */
  static String of(Headers headers) {
    List<String> values = headers.all(HEADER);
    if (values.isEmpty()) {
      throw AuthErrors.missing();
    }
    String value = values.getFirst();
    if (values.size() > 1
        || value.length() > MAX_LENGTH
        || !value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw AuthErrors.malformed();
    }
    String token = value.substring(SCHEME.length()).strip();
    if (!isToken(token)) {
      throw AuthErrors.malformed();
    }
    return token;
  }

  private static boolean isToken(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '=') {
      end--;
    }
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean fine =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~+/".indexOf(c) >= 0;
      if (!fine) {
        return false;
      }
    }
    return end > 0;
  }
}
