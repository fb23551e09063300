package dev.fncluster.datastore;

import dev.fncluster.api.settings.SettingException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL of the form {@code mysql://user:password@tcp(host:port)/database?tls=true}: behind the
 * scheme it is what the driver of other Fn servers takes. User and password stand as they are,
 * without percent-encoding.
 *
 * @param address {@code host:port}; empty with a socket
 * @param socket path of the server's Unix socket; empty with an address
 * @param database its name
 * @param user empty for none
 * @param password empty for none
 * @param options properties by the names of the driver that is used here
 */
record MysqlUrl(
    String address,
    String socket,
    String database,
    String user,
    String password,
    Map<String, String> options) {

  private static final Pattern WHERE = Pattern.compile("(tcp|unix)(?:\\(([^()]*)\\))?");
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[\\w.-]+)(?::(\\d{1,5}))?");
  private static final Pattern DATABASE = Pattern.compile("[\\p{L}\\p{N}$_.-]+");
  private static final String DEFAULT_HOST = "127.0.0.1";
  private static final String DEFAULT_PORT = "3306";
  private static final String DEFAULT_SOCKET = "/tmp/mysql.sock";

  MysqlUrl {
    options = Map.copyOf(options);
  }

  /**
   * Takes a URL apart.
   *
   * @param masked the URL without its password, for the error text
   * @throws SettingException when a part is missing, malformed or not known
   */
  static MysqlUrl parse(String url, String masked) {
    try {
      return parse(url.substring(url.indexOf("://") + 3));
    } catch (IllegalArgumentException e) {
      throw new SettingException(
          "storage url "
              + masked
              + " can't be used ("
              + e.getMessage()
              + "); expected mysql://user:password@tcp(host:port)/database");
    }
  }

  /** Never the password. */
  @Override
  public String toString() {
    String where = socket.isEmpty() ? "tcp(" + address + ")" : "unix(" + socket + ")";
    return "mysql://" + (user.isEmpty() ? "" : user + "@") + where + "/" + database;
  }

  private static MysqlUrl parse(String rest) {
    // A password may have any character, the last slash and the last @ before it are the ones.
    int slash = rest.lastIndexOf('/');
    String[] path = slash < 0 ? new String[] {""} : rest.substring(slash + 1).split("\\?", 2);
    if (!DATABASE.matcher(path[0]).matches()) {
      throw new IllegalArgumentException(
          path[0].isEmpty() ? "it names no database" : "its database's name is not a usable one");
    }
    String front = rest.substring(0, slash);
    int at = front.lastIndexOf('@');
    String[] login = front.substring(0, Math.max(at, 0)).split(":", 2);
    Matcher where = WHERE.matcher(front.substring(at + 1));
    if (!where.matches()) {
      throw new IllegalArgumentException("the server's address is not tcp(…) or unix(…)");
    }
    boolean tcp = where.group(1).equals("tcp");
    String place = where.group(2) == null ? "" : where.group(2);
    return new MysqlUrl(
        tcp ? address(place) : "",
        tcp ? "" : place.isEmpty() ? DEFAULT_SOCKET : place,
        path[0],
        login[0],
        login.length > 1 ? login[1] : "",
        options(path.length > 1 ? path[1] : ""));
  }

  private static String address(String place) {
    if (place.isEmpty()) {
      return DEFAULT_HOST + ":" + DEFAULT_PORT;
    }
    Matcher parts = HOST_AND_PORT.matcher(place);
    if (!parts.matches()) {
      throw new IllegalArgumentException("tcp(…) holds no host:port");
    }
    return parts.group(1) + ":" + (parts.group(2) == null ? DEFAULT_PORT : parts.group(2));
  }

  private static Map<String, String> options(String query) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : query.split("&")) {
      if (!option.isEmpty()) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException("its option " + option + " has no value");
        }
        String value = decode(option.substring(equals + 1));
        options.putAll(MysqlOptions.translated(option.substring(0, equals), value));
      }
    }
    return options;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("an option has a percent sign without two hex digits", e);
    }
  }
}
