package dev.fncluster.datastore;

import dev.fncluster.api.settings.SettingException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A URL of the form {@code postgres://user:password@host:port/database?sslmode=disable}.
 *
 * @param hosts one or more {@code host:port}, separated by commas; ports may be left out
 * @param database the name, still percent-encoded
 * @param user decoded; empty for the driver's default
 * @param password decoded; empty for none
 * @param options the driver's properties by its own names
 */
record PostgresUrl(
    String hosts, String database, String user, String password, Map<String, String> options) {

  /** What libpq calls these settings in URLs, and what the driver does. */
  private static final Map<String, String> DRIVER_NAMES =
      Map.of(
          "connect_timeout", "connectTimeout",
          "application_name", "ApplicationName",
          "search_path", "currentSchema");

  PostgresUrl {
    options = Map.copyOf(options);
  }

  /**
   * Takes a URL apart. Without {@code sslmode} the connection must be encrypted, as with servers of
   * other make.
   *
   * @param masked the URL without its password, for the error text
   * @throws SettingException when a part is missing or not well encoded
   */
  static PostgresUrl parse(String url, String masked) {
    try {
      String rest = url.substring(url.indexOf("://") + 3);
      int query = rest.indexOf('?');
      String path = query < 0 ? rest : rest.substring(0, query);
      int slash = path.indexOf('/', path.lastIndexOf('@') + 1);
      if (slash < 0 || slash == path.length() - 1) {
        throw new IllegalArgumentException("it names no database");
      }
      String authority = path.substring(0, slash);
      int at = authority.lastIndexOf('@');
      String[] login = at < 0 ? new String[0] : authority.substring(0, at).split(":", 2);
      String hosts = authority.substring(at + 1);
      if (hosts.isEmpty()) {
        throw new IllegalArgumentException("it names no host");
      }
      return new PostgresUrl(
          hosts,
          path.substring(slash + 1),
          login.length > 0 ? decode(login[0], false) : "",
          login.length > 1 ? decode(login[1], false) : "",
          options(query < 0 ? "" : rest.substring(query + 1)));
    } catch (IllegalArgumentException e) {
      throw new SettingException(
          "storage url "
              + masked
              + " can't be used ("
              + e.getMessage()
              + "); expected postgres://user:password@host:port/database?sslmode=require");
    }
  }

  /** Never the password. */
  @Override
  public String toString() {
    return "postgres://" + (user.isEmpty() ? "" : user + "@") + hosts + "/" + database;
  }

  private static Map<String, String> options(String query) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("sslmode", "require");
    for (String option : query.split("&")) {
      if (!option.isEmpty()) {
        int equals = option.indexOf('=');
        String name = decode(equals < 0 ? option : option.substring(0, equals), true);
        String value = equals < 0 ? "" : decode(option.substring(equals + 1), true);
        options.put(DRIVER_NAMES.getOrDefault(name, name), value);
      }
    }
    return options;
  }

  private static String decode(String text, boolean plusIsBlank) {
    try {
      return URLDecoder.decode(
          plusIsBlank ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // The decoder's own text would show a part of what may be the password.
      throw new IllegalArgumentException("a percent sign is not followed by two hex digits");
    }
  }
}
