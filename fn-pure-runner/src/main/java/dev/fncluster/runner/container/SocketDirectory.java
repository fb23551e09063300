package dev.fncluster.runner.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The directory that a container shares with this node, for the socket of its function. */
public final class SocketDirectory {
  /** The name under which a function offers its socket. */
  public static final String SOCKET_NAME = "lsnr.sock";

  private final Path path;
  private final String dockerPath;

  private final boolean mounted;

  /**
   * A directory that is there.
   *
   * @param mounted whether a file system of its own is mounted on it
   */
  SocketDirectory(Path path, String dockerPath, boolean mounted) {
    this.mounted = mounted;
    this.path = path;
    this.dockerPath = dockerPath;
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /** The directory as the engine sees it. */
  public String dockerPath() {
    return dockerPath;
  }

  /** Whether the function has offered its socket. */
  public boolean isOffered() {
    return Files.exists(path.resolve(SOCKET_NAME), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The socket of the function.
   *
   * @throws IOException when there is none, or one that the contract forbids
   */
  public Path socket() throws IOException {
    return SocketCheck.resolve(path.resolve(SOCKET_NAME));
  }

  /** Deletes the directory with what the function left in it. Idempotent. */
  public void delete() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (mounted) {
      boolean unused = Tmpfs.unmount(path);
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
