package dev.fncluster.runner;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Stands between a runner and the engine, and can spoil what goes on between them. */
public final class EngineProxy implements AutoCloseable {
  /** What becomes of a request. */
  public enum Fate {
    /** The engine gets it. */
    PASSED,
    /** Nobody answers it; its connection stays open. */
    UNANSWERED,
    /** It is answered with a head that never ends, a byte at a time. */
    TRICKLED
  }

  private final Path engine;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Set<SocketChannel> silent = ConcurrentHashMap.newKeySet();
  private final AtomicInteger spoiled = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Function<String, Fate> fates = request -> Fate.PASSED;

  private EngineProxy(ServerSocketChannel server, Path engine) {
    this.server = server;
    this.engine = engine;
    Thread.ofVirtual().name("engine-proxy").start(this::accept);
  }

  /** A proxy that listens at {@code path} for the engine at {@code engine}. */
  public static EngineProxy at(Path path, Path engine) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return new EngineProxy(server, engine);
  }

  /** A proxy on a free port of this machine. */
  public static EngineProxy overTcp(Path engine) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return new EngineProxy(server, engine);
  }

  /** The value of DOCKER_HOST that leads here. */
  public String dockerHost() throws IOException {
    return switch (server.getLocalAddress()) {
      case UnixDomainSocketAddress unix -> "unix://" + unix.getPath();
      case InetSocketAddress tcp -> "tcp://127.0.0.1:" + tcp.getPort();
      default -> throw new IllegalStateException("no such socket was opened");
    };
  }

  /** Decides about requests from now on, by their first lines. */
  public void spoil(Function<String, Fate> value) {
    fates = value;
  }

  /** How many requests were not passed on. */
  public int spoiled() {
    return spoiled.get();
  }

  /** Cuts all connections, as an engine does that is restarted. */
  public void cut() throws IOException {
    for (SocketChannel each : open) {
      each.close();
    }
  }

  /** Passes nothing on any more on the connections there are, and does not close them. */
  public void silence() {
    silent.addAll(open);
  }

  /** How many connections of the runner are open. */
  public int connections() {
    return open.size() / 2;
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    SocketAddress address = server.getLocalAddress();
    server.close();
    cut();
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(engine));
        open.add(client);
        open.add(there);
        Thread.ofVirtual().start(() -> copy(client, there, true));
        Thread.ofVirtual().start(() -> copy(there, client, false));
      }
    } catch (IOException e) {
      // The end of this proxy, or of the engine behind it.
    }
  }

  private void copy(SocketChannel from, SocketChannel to, boolean requests) {
    ByteBuffer some = ByteBuffer.allocate(65_536);
    try (from;
        to) {
      while (from.read(some.clear()) >= 0) {
        some.flip();
        if (silent.contains(from)) {
          continue;
        }
        if (requests) {
          switch (fates.apply(firstLine(some))) {
            case PASSED -> {}
            case UNANSWERED -> {
              spoiled.incrementAndGet();
              continue;
            }
            case TRICKLED -> {
              spoiled.incrementAndGet();
              trickle(from);
              return;
            }
          }
        }
        while (some.hasRemaining()) {
          to.write(some);
        }
      }
    } catch (IOException e) {
      // One of the two has gone; the other one is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static String firstLine(ByteBuffer request) {
    return StandardCharsets.ISO_8859_1.decode(request.duplicate()).toString().split("\r\n", 2)[0];
  }

  private void trickle(SocketChannel client) throws IOException, InterruptedException {
    ByteBuffer head = StandardCharsets.ISO_8859_1.encode("HTTP/1.1 200 OK\r\nX-Endless: ");
    while (head.hasRemaining()) {
      client.write(head);
    }
    while (!closing.await(20, TimeUnit.MILLISECONDS)) {
      client.write(ByteBuffer.wrap(new byte[] {'x'}));
    }
  }
}
