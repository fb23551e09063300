package dev.fncluster.runner.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the directories that containers share with this process, in one folder. Several processes
 * may use the same folder, in different containers even: each holds the lock of a file while it
 * lives, and removes what belongs to files that nobody has locked. Thread-safe.
 */
public final class SocketDirectories implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SocketDirectories.class);

  private static final String PREFIX = "iofs";
  private static final String LOCK = ".lock";
  // The kernel's limit for the path of a Unix socket, without the closing zero byte.
  private static final int MAX_SOCKET_PATH = 107;

  /**
   * Where and how.
   *
   * @param path the folder; empty for the temporary directory
   * @param dockerPath the same as the engine sees it; empty if it sees the same
   * @param tmpfs whether each directory is a file system of its own, in memory
   * @param tmpfsOptions options of its mount; may be empty
   */
  public record Options(String path, String dockerPath, boolean tmpfs, String tmpfsOptions) {}

  private final Options options;
  private final Path parent;
  private final String own;
  private final FileChannel lockFile;

  private SocketDirectories(Options options, Path parent, String own, FileChannel lockFile) {
    this.options = options;
    this.parent = parent;
    this.own = own;
    this.lockFile = lockFile;
  }

  /**
   * Opens the folder, and removes what processes that are gone have left in it.
   *
   * @throws IOException when nothing can be made there
   */
  public static SocketDirectories open(Options options) throws IOException {
    Path parent =
        Path.of(options.path().isEmpty() ? System.getProperty("java.io.tmpdir") : options.path())
            .toAbsolutePath();
    byte[] random = new byte[3];
    ThreadLocalRandom.current().nextBytes(random);
    String own = PREFIX + HexFormat.of().formatHex(random);
    FileChannel channel =
        FileChannel.open(
            parent.resolve(own + LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    SocketDirectories opened = new SocketDirectories(options, parent, own, channel);
    opened.removeLeftovers();
    return opened;
  }

  /**
   * Makes a directory.
   *
   * @throws IOException when it can't be made, or its path is too long for a socket's
   */
  public SocketDirectory create() throws IOException {
    Path path = Files.createTempDirectory(parent, own + "-");
    boolean done = false;
    try {
      if (path.resolve(SocketDirectory.SOCKET_NAME).toString().length() > MAX_SOCKET_PATH) {
        throw new IOException(
            "FN_IOFS_PATH is \""
                + options.path()
                + "\", which is too long for the path of a socket");
      }
      if (options.tmpfs()) {
        Tmpfs.mount(path, options.tmpfsOptions());
      } else {
        // Functions run as a user of their own and must be able to make files here.
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      done = true;
    } finally {
      if (!done) {
        Files.delete(path);
      }
    }
    String dockerPath =
        options.dockerPath().isEmpty()
            ? path.toString()
            : Path.of(options.dockerPath()).resolve(path.getFileName()).toString();
    return new SocketDirectory(path, dockerPath, options.tmpfs());
  }

  private void removeLeftovers() throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, PREFIX + "*" + LOCK)) {
      for (Path each : locks) {
        if (!each.getFileName().toString().equals(own + LOCK)) {
          removeIfOrphaned(each);
        }
      }
    }
  }

  private void removeIfOrphaned(Path lock) {
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = tryLock(channel)) {
      if (held == null) {
        return;
      }
      String name = lock.getFileName().toString();
      String owner = name.substring(0, name.length() - LOCK.length());
      try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, owner + "-*")) {
        for (Path each : left) {
          removeLeftover(each);
        }
      }
      Files.deleteIfExists(lock);
    } catch (NoSuchFileException e) {
      log.atDebug().setCause(e).log("Another process has removed what was left");
    } catch (IOException | UncheckedIOException e) {
      log.atWarn()
          .addKeyValue("file", lock)
          .setCause(e)
          .log("What an earlier runner left of its socket directories can't be removed");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Another runner in this very process.
    }
  }

  private static void removeLeftover(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean mounted =
        !Files.getFileStore(directory).equals(Files.getFileStore(directory.resolveSibling("")));
    new SocketDirectory(directory, directory.toString(), mounted).delete();
    log.atInfo()
        .addKeyValue("directory", directory)
        .log("Removed a socket directory that an earlier runner left behind");
  }

  /** Lets go of the folder; directories that are left are removed by whoever opens it next. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(parent.resolve(own + LOCK));
    lockFile.close();
  }
}
