package dev.fncluster.runner;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a runner and the engine, and can cut what goes on between them. */
final class EngineProxy implements AutoCloseable {
  private final Path path;
  private final Path engine;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  /** A proxy that listens at {@code path} for the engine at {@code engine}. */
  EngineProxy(Path path, Path engine) throws IOException {
    this.path = path;
    this.engine = engine;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    Thread.ofPlatform().daemon().name("engine-proxy").start(this::accept);
  }

  /** The value of DOCKER_HOST that leads here. */
  String dockerHost() {
    return "unix://" + path;
  }

  /** Cuts all connections, as an engine does that is restarted. */
  void cut() throws IOException {
    for (SocketChannel each : open) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
    Files.deleteIfExists(path);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(engine));
        open.add(client);
        open.add(there);
        Thread.ofPlatform().daemon().start(() -> copy(client, there));
        Thread.ofPlatform().daemon().start(() -> copy(there, client));
      }
    } catch (ClosedChannelException e) {
      // The end of this proxy.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer some = ByteBuffer.allocate(65_536);
    try (from;
        to) {
      while (from.read(some.clear()) >= 0) {
        some.flip();
        while (some.hasRemaining()) {
          to.write(some);
        }
      }
    } catch (IOException e) {
      // One of the two has gone; the other one is closed.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }
}
