package dev.fncluster.datastore;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options that other Fn servers take at the end of a {@code mysql://} URL, in terms of the
 * driver that is used here.
 */
final class MysqlOptions {
  /** What we decide ourselves, or what is about the other driver's own ways. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "allowNativePasswords",
          "charset",
          "checkConnLiveness",
          "clientFoundRows",
          "collation",
          "columnsWithAlias",
          "interpolateParams",
          "loc",
          "maxAllowedPacket",
          "multiStatements",
          "parseTime",
          "rejectReadOnly",
          "writeTimeout");

  private static final Map<String, String> TLS =
      Map.of(
          "false", "disable",
          "true", "verify-full",
          "skip-verify", "trust",
          "preferred", "allow");

  /** The driver's own name, for servers whose certificate is signed by no public authority. */
  private static final String SERVER_CERTIFICATE = "serverSslCert";

  /** No more than what the driver's milliseconds can hold. */
  private static final Pattern DURATION = Pattern.compile("([1-9]\\d{0,3})(ms|s|m)");

  private MysqlOptions() {}

  /**
   * The driver's properties for an option.
   *
   * @throws IllegalArgumentException when the option or its value is not known
   */
  static Map<String, String> translated(String name, String value) {
    if (WITHOUT_EFFECT.contains(name)) {
      return Map.of();
    }
    return switch (name) {
      case "tls" -> Map.of("sslMode", tls(value));
      case "timeout" -> Map.of("connectTimeout", milliseconds(name, value));
      case "readTimeout" -> Map.of("socketTimeout", milliseconds(name, value));
      case SERVER_CERTIFICATE -> Map.of(SERVER_CERTIFICATE, value);
      default -> throw new IllegalArgumentException("its option " + name + " is not known");
    };
  }

  private static String tls(String value) {
    String mode = TLS.get(value);
    if (mode == null) {
      throw new IllegalArgumentException(
          "its option tls is none of true, false, skip-verify, preferred");
    }
    return mode;
  }

  private static String milliseconds(String name, String value) {
    Matcher parts = DURATION.matcher(value);
    if (!parts.matches()) {
      throw new IllegalArgumentException("its option " + name + " is no duration such as 5s");
    }
    long count = Long.parseLong(parts.group(1));
    long milliseconds =
        switch (parts.group(2)) {
          case "ms" -> count;
          case "s" -> count * 1_000;
          default -> count * 60_000;
        };
    return String.valueOf(milliseconds);
  }
}
