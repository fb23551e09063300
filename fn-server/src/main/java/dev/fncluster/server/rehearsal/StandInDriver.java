package dev.fncluster.server.rehearsal;

import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.PreparedImage;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes functions without containers, which answer with what they are sent. Thread-safe. */
final class StandInDriver implements ContainerDriver {
  private final EventLoopGroup group;

  StandInDriver(EventLoopGroup group) {
    this.group = group;
  }

  @Override
  public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout) {
    return PreparedImage.pulledFor(Duration.ZERO);
  }

  @Override
  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit) {
    return new StandIn(Path.of(spec.socketDirectory()));
  }

  @Override
  public void close() {}

  private final class StandIn implements DriverContainer {
    private final Path directory;
    private @Nullable StandInServer function;

    StandIn(Path directory) {
      this.directory = directory;
    }

    @Override
    public synchronized void start() throws InterruptedException {
      try {
        Path socket = directory.resolve("stand-in.sock");
        function =
            StandInServer.start(
                group,
                NioServerDomainSocketChannel.class,
                UnixDomainSocketAddress.of(socket),
                request -> request.content().retain());
        // What functions do, so that nobody connects before they listen.
        Files.createSymbolicLink(directory.resolve("lsnr.sock"), socket.getFileName());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public synchronized void remove() {
      if (function != null) {
        function.close();
      }
    }
  }
}
