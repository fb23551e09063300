package dev.fncluster.runner.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Checks what a function put where its socket should be. The function owns that directory and must
 * not lead us elsewhere: a link may only name a socket beside it.
 */
final class SocketCheck {
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_SOCKET = 0140000;

  private SocketCheck() {}

  /**
   * The socket behind {@code file}.
   *
   * @return the path of the socket itself, which is no link
   * @throws IOException when it is no socket, or a link that the contract forbids
   */
  static Path resolve(Path file) throws IOException {
    Path socket = file;
    if (Files.isSymbolicLink(file)) {
      Path target = Files.readSymbolicLink(file);
      Path parent = target.getParent();
      if (target.isAbsolute() || parent != null && !parent.equals(Path.of("."))) {
        throw new IOException("the function's socket is a link out of its directory");
      }
      socket = file.resolveSibling(target.getFileName());
    }
    int mode = (int) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE_MASK) != TYPE_SOCKET) {
      throw new IOException("what the function made in the place of its socket is no socket");
    }
    return socket;
  }
}
