package dev.fncluster.api.model;

import java.util.Set;

/** Headers that belong to one connection and are never passed on. */
public final class HopByHop {
  private static final Set<String> NAMES =
      Set.of(
          "Connection",
          "Proxy-Connection",
          "Keep-Alive",
          "Proxy-Authenticate",
          "Proxy-Authorization",
          "Te",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade");

  private HopByHop() {}

  /**
   * Whether a header must not be passed on.
   *
   * @param canonicalName in canonical form
   */
  public static boolean matches(String canonicalName, String value) {
    if (!NAMES.contains(canonicalName)) {
      return false;
    }
    return !(canonicalName.equals("Te") && value.equals("trailers"));
  }
}
