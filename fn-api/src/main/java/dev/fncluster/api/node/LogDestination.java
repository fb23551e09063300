package dev.fncluster.api.node;

import dev.fncluster.api.settings.Masking;
import dev.fncluster.api.settings.SettingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where a process logs to. */
sealed interface LogDestination {
  /** The standard error of the process. */
  record Stderr() implements LogDestination {}

  /** A file, at its end. */
  record LogFile(Path path) implements LogDestination {}

  /**
   * A syslog server.
   *
   * @param tcp over TCP, else UDP
   */
  record Syslog(boolean tcp, String host, int port) implements LogDestination {}

  /**
   * Reads {@code text}: empty or {@code stderr}; {@code file:///path}; {@code udp://host:port} or
   * {@code tcp://host:port}, with port 514 if there is none; anything without a scheme is a host to
   * reach over UDP.
   *
   * @throws SettingException for anything else
   */
  static LogDestination parse(String text) {
    if (text.isEmpty() || text.equals("stderr")) {
      return new Stderr();
    }
    String file = "file://";
    if (text.startsWith(file) && text.length() > file.length()) {
      return new LogFile(Path.of(text.substring(file.length())));
    }
    try {
      URI uri = new URI(text.contains("://") ? text : "udp://" + text);
      if (isServer(uri)) {
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        return new Syslog(uri.getScheme().equals("tcp"), uri.getHost(), port);
      }
    } catch (URISyntaxException e) {
      throw wrong(text);
    }
    throw wrong(text);
  }

  /** The port of syslog servers. */
  int DEFAULT_PORT = 514;

  private static boolean isServer(URI uri) {
    return ("udp".equals(uri.getScheme()) || "tcp".equals(uri.getScheme()))
        && uri.getHost() != null
        && uri.getUserInfo() == null
        && uri.getPort() != 0
        && uri.getPort() <= 65_535
        && uri.getPath().matches("/?")
        && uri.getQuery() == null
        && uri.getFragment() == null;
  }

  private static SettingException wrong(String text) {
    return new SettingException(
        LoggingSettings.DESTINATION.name()
            + " is \""
            + Masking.addresses(text)
            + "\"; expected stderr, file:///path, or a syslog server as udp://host:port or"
            + " tcp://host:port");
  }
}
