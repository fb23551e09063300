package dev.fncluster.testfunction;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The socket file of the container contract. The server takes the file's appearance as readiness,
 * so the socket is bound and opened to everybody under another name first, and then linked to the
 * name that is waited for.
 *
 * @param path absolute path that the server waits for
 */
record FunctionSocket(Path path) {
  private static final String SCHEME = "unix:";

  /**
   * Reads the value of {@code FN_LISTENER}.
   *
   * @throws IllegalArgumentException if it is missing or does not name a Unix socket by its
   *     absolute path
   */
  static FunctionSocket parse(@Nullable String listener) {
    if (listener == null || !listener.startsWith(SCHEME + "/")) {
      throw new IllegalArgumentException(
          "FN_LISTENER is " + listener + ", expected unix: and an absolute path");
    }
    return new FunctionSocket(Path.of(listener.substring(SCHEME.length())));
  }

  /** Opens the socket; from the return on, connections are accepted by the kernel. */
  ServerSocketChannel open() throws IOException {
    Path name = path.getFileName();
    if (name == null) {
      throw new IOException("FN_LISTENER names no file: " + path);
    }
    Path bound = path.resolveSibling("bound-" + name);
    Files.deleteIfExists(bound);
    Files.deleteIfExists(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(bound), 64);
      Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-rw-rw-"));
      Path linkTarget = bound.getFileName();
      Files.createSymbolicLink(path, linkTarget == null ? bound : linkTarget);
    } catch (IOException | RuntimeException failure) {
      listener.close();
      throw failure;
    }
    return listener;
  }
}
