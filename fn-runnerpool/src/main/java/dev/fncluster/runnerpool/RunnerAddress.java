package dev.fncluster.runnerpool;

import dev.fncluster.api.settings.SettingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a runner listens.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record RunnerAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([A-Za-z0-9._-]+)):(\\d{1,5})");

  /**
   * Reads {@code host:port}, with an IPv6 address in brackets.
   *
   * @param setting the setting it came from, for the error
   * @throws SettingException when it is something else
   */
  public static RunnerAddress parse(String setting, String text) {
    Matcher matcher = FORM.matcher(text);
    if (matcher.matches()) {
      String inBrackets = matcher.group(1);
      String plain = matcher.group(2);
      String host = inBrackets != null ? inBrackets : plain;
      int port = Integer.parseInt(String.valueOf(matcher.group(3)));
      if (host != null && isHostOfUrl(host) && port >= 1 && port <= 65535) {
        return new RunnerAddress(host, port);
      }
    }
    throw new SettingException(
        setting
            + " holds \""
            + text
            + "\"; expected host:port with a host as in a URL (without _) and a port from 1 to"
            + " 65535, such as runner-1:9190 or [::1]:9190");
  }

  /** gRPC connects to no other: names with an underscore are good for Docker, but not for it. */
  private static boolean isHostOfUrl(String host) {
    try {
      URI unused = new URI(null, null, host, -1, null, null, null);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** As it is written in settings. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
