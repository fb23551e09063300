package dev.fncluster.api.http;

import dev.fncluster.api.model.HeaderValues;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request, taken apart.
 *
 * @param uri path and query as sent, bytes beyond ASCII as the UTF-8 that they are
 * @param path the decoded path; nothing in it is cleaned or collapsed. As sent when it is malformed
 * @param wellFormed whether the path could be decoded, and has no U+0000 in it, which no name and
 *     no id has
 * @param authority the host that an absolute target names, else null
 */
record RequestTarget(String uri, String path, boolean wellFormed, @Nullable String authority) {

  /**
   * Reads a target in origin form ({@code /a?b}), absolute form ({@code http://host/a?b}) or
   * asterisk form.
   *
   * @return null when it is no target at all
   */
  static @Nullable RequestTarget parse(String raw) {
    if (raw.startsWith("/")) {
      return of(raw, null);
    }
    if (raw.equals("*")) {
      return new RequestTarget(raw, raw, true, null);
    }
    int start = schemeLength(raw);
    if (start < 0) {
      return null;
    }
    int end = start;
    while (end < raw.length() && "/?#".indexOf(raw.charAt(end)) < 0) {
      end++;
    }
    String rest = raw.substring(end);
    String uri = rest.startsWith("/") ? rest : "/" + rest;
    String authority = raw.substring(start, end);
    return authority.isEmpty() || !isAuthority(authority) ? null : of(uri, authority);
  }

  private static @Nullable RequestTarget of(String uri, @Nullable String authority) {
    int end = pathEnd(uri);
    boolean plain = true;
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c <= ' ' || c == 0x7F || c == '#') {
        return null;
      }
      if (i < end && (c == '%' || c > 0x7F)) {
        plain = false;
      }
    }
    String path = plain ? uri.substring(0, end) : decodeBytes(uri, end);
    String text = HeaderValues.fromBytes(uri);
    return path == null || path.indexOf('\0') >= 0
        ? new RequestTarget(text, text.substring(0, pathEnd(text)), false, authority)
        : new RequestTarget(text, path, true, authority);
  }

  /**
   * Whether {@code text} can be a host with or without a port. Nothing else may stand where a host
   * belongs, least of all what another server could take for a path, a user or a second header.
   */
  static boolean isAuthority(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == ':';
      if (!plain && !isUnusualInAuthority(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUnusualInAuthority(char c) {
    return (c >= 'A' && c <= 'Z') || "-_~%[]!$&'()*+,;=".indexOf(c) >= 0;
  }

  /** The target with its path made one slash longer or shorter, the query kept. */
  String withPathSlashToggled() {
    int end = pathEnd(uri);
    String rawPath = uri.substring(0, end);
    String toggled =
        rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath + "/";
    return toggled + uri.substring(end);
  }

  private static int schemeLength(String raw) {
    if (raw.regionMatches(true, 0, "http://", 0, 7)) {
      return 7;
    }
    return raw.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
  }

  private static int pathEnd(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri.length() : query;
  }

  // The characters of a target are bytes to the decoder, which reads them as ISO 8859-1.
  private static @Nullable String decodeBytes(String uri, int end) {
    ByteBuffer bytes = ByteBuffer.allocate(end);
    for (int i = 0; i < end; i++) {
      char c = uri.charAt(i);
      if (c != '%') {
        bytes.put((byte) c);
        continue;
      }
      int high = i + 2 < end ? Character.digit(uri.charAt(i + 1), 16) : -1;
      int low = i + 2 < end ? Character.digit(uri.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        return null;
      }
      bytes.put((byte) (high << 4 | low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
