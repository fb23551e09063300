package dev.fncluster.api.access;

import java.nio.charset.StandardCharsets;

/** Puts any text into the path of a URL, to the byte: nothing is normalised. */
final class UrlPaths {
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  // RFC 3986, 3.3: what may stand in a segment, and the slash.
  private static final String ALLOWED = "-._~!$&'()*+,;=:@/";

  private UrlPaths() {}

  /** {@code path} with everything escaped that must be; slashes stay. */
  static String encode(String path) {
    StringBuilder out = new StringBuilder(path.length() + 16);
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (isPlain(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return out.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || ALLOWED.indexOf(c) >= 0;
  }
}
