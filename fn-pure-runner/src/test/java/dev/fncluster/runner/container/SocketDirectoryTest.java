package dev.fncluster.runner.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SocketDirectoryTest {
  @TempDir Path base;

  private final ServerSocketChannel socket = open();
  private final List<SocketDirectories> opens = new ArrayList<>();

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    for (SocketDirectories each : opens) {
      each.close();
    }
  }

  private SocketDirectories directories(String dockerPath) throws IOException {
    SocketDirectories opened =
        SocketDirectories.open(
            new SocketDirectories.Options(base.toString(), dockerPath, false, ""));
    opens.add(opened);
    return opened;
  }

  private SocketDirectory directory() throws IOException {
    return directories("").create();
  }

  private Path bind(SocketDirectory directory, String name) throws IOException {
    Path path = directory.path().resolve(name);
    socket.bind(UnixDomainSocketAddress.of(path));
    return path;
  }

  @Test
  void isWritableForFunctionsAndKnownToTheEngine() throws Exception {
    SocketDirectory directory = directories("/outside").create();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
        .isEqualTo("rwxrwxrwx");
    assertThat(directory.dockerPath()).isEqualTo("/outside/" + directory.path().getFileName());
    Files.createDirectories(directory.path().resolve("left/behind"));
    Files.createFile(directory.path().resolve("left/file"));
    directory.delete();
    assertThat(directory.path()).doesNotExist();
  }

  @Test
  void takesASocket() throws Exception {
    SocketDirectory directory = directory();
    Path path = bind(directory, "lsnr.sock");
    assertThat(directory.isOffered()).isTrue();
    assertThat(directory.socket()).isEqualTo(path);
  }

  @Test
  void takesALinkToASocketBesideIt() throws Exception {
    SocketDirectory directory = directory();
    Path real = bind(directory, "fn.sock");
    Files.createSymbolicLink(directory.path().resolve("lsnr.sock"), Path.of("fn.sock"));
    assertThat(directory.socket()).isEqualTo(real);
  }

  @Test
  void refusesWhatLeadsElsewhere() throws Exception {
    SocketDirectory directory = directory();
    Path real = bind(directory, "fn.sock");
    Path offered = directory.path().resolve("lsnr.sock");
    assertThatThrownBy(directory::socket).as("nothing").isInstanceOf(IOException.class);

    for (Path target :
        new Path[] {
          Path.of("..", String.valueOf(directory.path().getFileName()), "fn.sock"),
          real,
          Path.of("missing"),
          Path.of("..")
        }) {
      Files.createSymbolicLink(offered, target);
      assertThatThrownBy(directory::socket)
          .as("a link to " + target)
          .isInstanceOf(IOException.class);
      Files.delete(offered);
    }

    Files.createSymbolicLink(directory.path().resolve("second"), Path.of("fn.sock"));
    Files.createSymbolicLink(offered, Path.of("second"));
    assertThatThrownBy(directory::socket).as("a link to a link").isInstanceOf(IOException.class);
    Files.delete(offered);

    Files.createFile(offered);
    assertThatThrownBy(directory::socket).as("a file").isInstanceOf(IOException.class);
    Files.delete(offered);
    Files.createDirectory(offered);
    assertThatThrownBy(directory::socket).as("a directory").isInstanceOf(IOException.class);
  }

  @Test
  void isWatched() throws Exception {
    SocketDirectory directory = directory();
    CountDownLatch offered = new CountDownLatch(1);
    try (SocketWatcher watcher = new SocketWatcher();
        SocketWatcher.Watch unused =
            watcher.watch(
                directory.path(),
                () -> {
                  if (directory.isOffered()) {
                    offered.countDown();
                  }
                })) {
      Path unrelated = bind(directory, "fn.sock");
      Files.createSymbolicLink(directory.path().resolve("lsnr.sock"), unrelated.getFileName());
      assertThat(offered.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
