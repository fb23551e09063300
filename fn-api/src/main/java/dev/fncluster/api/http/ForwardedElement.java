package dev.fncluster.api.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy says in a {@code Forwarded} header (RFC 7239).
 *
 * @param from whom the request came from; empty where it does not say
 * @param proto the scheme of the request; empty where it does not say
 * @param host the host of the request; empty where it does not say
 */
record ForwardedElement(String from, String proto, String host) {
  /**
   * Reads a header, the values of several lines joined by commas.
   *
   * @return one or more elements; null when it is malformed anywhere, for then nobody can tell
   *     where the words of one proxy end and those of another begin
   */
  static @Nullable List<ForwardedElement> parse(String text) {
    List<ForwardedElement> elements = new ArrayList<>();
    Map<String, String> pairs = new HashMap<>();
    Reader reader = new Reader(text);
    while (true) {
      reader.blanks();
      if (!reader.at(';') && !reader.at(',') && !reader.ended()) {
        String name = reader.token().toLowerCase(Locale.ROOT);
        String value = name.isEmpty() || !reader.take('=') ? null : reader.value();
        if (value == null || pairs.put(name, value) != null) {
          return null;
        }
        reader.blanks();
      }
      if (reader.take(';')) {
        continue;
      }
      boolean more = reader.take(',');
      elements.add(of(pairs));
      pairs.clear();
      if (!more) {
        return reader.ended() ? elements : null;
      }
    }
  }

  private static ForwardedElement of(Map<String, String> pairs) {
    return new ForwardedElement(
        pairs.getOrDefault("for", ""),
        pairs.getOrDefault("proto", ""),
        pairs.getOrDefault("host", ""));
  }

  private static final class Reader {
    private final String text;
    private int at;

    private Reader(String text) {
      this.text = text;
    }

    boolean ended() {
      return at >= text.length();
    }

    boolean at(char c) {
      return !ended() && text.charAt(at) == c;
    }

    boolean take(char c) {
      if (at(c)) {
        at++;
        return true;
      }
      return false;
    }

    void blanks() {
      while (at(' ') || at('\t')) {
        at++;
      }
    }

    String token() {
      int start = at;
      while (!ended() && ResponseHead.isToken(text.substring(at, at + 1))) {
        at++;
      }
      return text.substring(start, at);
    }

    /** A token or what is between quotes; null when it is neither. */
    @Nullable String value() {
      if (!take('"')) {
        String token = token();
        return token.isEmpty() ? null : token;
      }
      StringBuilder value = new StringBuilder();
      while (!ended()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return value.toString();
        }
        if (c == '\\') {
          if (ended()) {
            return null;
          }
          c = text.charAt(at++);
        }
        value.append(c);
      }
      return null;
    }
  }
}
