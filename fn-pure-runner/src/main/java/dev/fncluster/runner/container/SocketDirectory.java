package dev.fncluster.runner.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The directory that a container shares with this node, for the socket of its function. */
public final class SocketDirectory {
  /** The name under which a function offers its socket. */
  public static final String SOCKET_NAME = "lsnr.sock";

  // The kernel's limit for the path of a Unix socket, without the closing zero byte.
  private static final int MAX_SOCKET_PATH = 107;

  private final Path path;
  private final String dockerPath;

  private SocketDirectory(Path path, String dockerPath) {
    this.path = path;
    this.dockerPath = dockerPath;
  }

  /**
   * Makes a new directory.
   *
   * @param base where; empty for the temporary directory
   * @param dockerBase {@code base} as the engine sees it; empty if it sees the same
   */
  public static SocketDirectory create(String base, String dockerBase) throws IOException {
    Path parent = Path.of(base.isEmpty() ? System.getProperty("java.io.tmpdir") : base);
    Path path = Files.createTempDirectory(parent.toAbsolutePath(), "iofs");
    // Functions run as a user of their own and must be able to make files here.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (path.resolve(SOCKET_NAME).toString().length() > MAX_SOCKET_PATH) {
      Files.delete(path);
      throw new IOException(
          "FN_IOFS_PATH is \"" + base + "\", which is too long for the path of a socket");
    }
    String dockerPath =
        dockerBase.isEmpty()
            ? path.toString()
            : Path.of(dockerBase).resolve(path.getFileName()).toString();
    return new SocketDirectory(path, dockerPath);
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

  /** Deletes the directory with what the function left in it. */
  public void delete() throws IOException {
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
