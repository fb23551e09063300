package dev.fncluster.api.model;

import java.util.HashMap;
import java.util.Map;

/** Names of headers that mean something to the platform, and the canonical form of any name. */
public final class HeaderNames {
  /** The id of the call, on requests to functions and on answers to clients. */
  public static final String CALL_ID = "Fn-Call-Id";

  /** When the function must have answered. */
  public static final String DEADLINE = "Fn-Deadline";

  /** {@code detached} asks for an answer as soon as the call has started. */
  public static final String INVOKE_TYPE = "Fn-Invoke-Type";

  /** {@code httprequest} on calls that came through a trigger. */
  public static final String INTENT = "Fn-Intent";

  /** The client's method, on calls that came through a trigger. */
  public static final String HTTP_METHOD = "Fn-Http-Method";

  /** The client's absolute URL, on calls that came through a trigger. */
  public static final String HTTP_REQUEST_URL = "Fn-Http-Request-Url";

  /** The status a function wants its trigger's client to see. */
  public static final String HTTP_STATUS = "Fn-Http-Status";

  /** What stands before the name of a client's or a function's own header on trigger calls. */
  public static final String HTTP_HEADER_PREFIX = "Fn-Http-H-";

  /** The version of the function's development kit. */
  public static final String FDK_VERSION = "Fn-Fdk-Version";

  /** Content-Type. */
  public static final String CONTENT_TYPE = "Content-Type";

  /** Content-Length. */
  public static final String CONTENT_LENGTH = "Content-Length";

  private static final Map<String, String> KNOWN = new HashMap<>();

  static {
    for (String name :
        new String[] {
          CALL_ID,
          DEADLINE,
          INVOKE_TYPE,
          INTENT,
          HTTP_METHOD,
          HTTP_REQUEST_URL,
          HTTP_STATUS,
          FDK_VERSION,
          CONTENT_TYPE,
          CONTENT_LENGTH,
          "Accept",
          "Accept-Encoding",
          "Accept-Language",
          "Authorization",
          "Cache-Control",
          "Connection",
          "Content-Encoding",
          "Cookie",
          "Date",
          "Expect",
          "Fn-Fdk-Runtime",
          "Host",
          "Keep-Alive",
          "Location",
          "Origin",
          "Referer",
          "Server",
          "Set-Cookie",
          "Te",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "User-Agent",
          "Vary",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Proto",
          "X-Request-Id"
        }) {
      KNOWN.put(name, name);
      KNOWN.put(name.toLowerCase(java.util.Locale.ROOT), name);
    }
    KNOWN.put("TE", "Te");
  }

  private HeaderNames() {}

  /**
   * The canonical form: the first letter and every letter after a hyphen in upper case, the others
   * in lower case. A name with a character that HTTP does not allow in names comes back unchanged.
   */
  public static String canonical(String name) {
    String known = KNOWN.get(name);
    if (known != null) {
      return known;
    }
    boolean upper = true;
    boolean same = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!isTokenCharacter(c)) {
        return name;
      }
      if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z') {
        same = false;
      }
      upper = c == '-';
    }
    return same ? name : rewrite(name);
  }

  private static String rewrite(String name) {
    char[] out = name.toCharArray();
    boolean upper = true;
    for (int i = 0; i < out.length; i++) {
      char c = out[i];
      if (upper && c >= 'a' && c <= 'z') {
        out[i] = (char) (c - 32);
      } else if (!upper && c >= 'A' && c <= 'Z') {
        out[i] = (char) (c + 32);
      }
      upper = c == '-';
    }
    return new String(out);
  }

  // RFC 9110, 5.6.2.
  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
