package dev.fncluster.runner.docker.engine;

import java.net.URI;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where an engine answers, for connections of our own to it.
 *
 * @param host {@code unix:///path} or {@code tcp://host:port}
 * @param version what every path begins with, such as {@code v1.41}
 * @param tls null for clear text
 */
public record EngineAddress(URI host, String version, @Nullable SSLContext tls) {
  /** Whether it is a socket of this machine's file system. */
  public boolean isUnix() {
    return "unix".equals(host.getScheme());
  }
}
