package dev.fncluster.systemtests.conformance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Serves the socket of a container from within this process, as a script says. */
final class ScriptedFunction implements AutoCloseable {
  /** What a function was sent. */
  record Seen(Wire.Head head, String body, String container) {}

  /** What a function answers. */
  @FunctionalInterface
  interface Script {
    /**
     * The bytes of the answer; null ends the connection without one.
     *
     * @throws Exception ends the connection too
     */
    byte @Nullable [] answer(Seen seen) throws Exception;
  }

  private final String container;
  private final Script script;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  private ScriptedFunction(String container, Script script, ServerSocketChannel server) {
    this.container = container;
    this.script = script;
    this.server = server;
  }

  static ScriptedFunction start(String container, Path directory, Script script)
      throws IOException {
    Path real = directory.resolve("scripted.sock");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(real), 8);
    ScriptedFunction function = new ScriptedFunction(container, script, server);
    Files.createSymbolicLink(directory.resolve("lsnr.sock"), real.getFileName());
    Thread.ofVirtual().name("scripted-function").start(function::accept);
    return function;
  }

  /** An answer with the length of its body. Each header is a whole line. */
  static byte[] reply(int status, String body, String... headers) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return (head + "Content-Length: " + length + "\r\n\r\n" + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        connections.add(channel);
        Thread.ofVirtual().name("scripted-connection").start(() -> serve(channel));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      while (true) {
        Wire.Head head = Wire.head(in);
        Seen seen = new Seen(head, Wire.body(head, in, false), container);
        byte[] answer = script.answer(seen);
        if (answer == null) {
          return;
        }
        ByteBuffer left = ByteBuffer.wrap(answer);
        while (left.hasRemaining()) {
          channel.write(left);
        }
      }
    } catch (Exception ended) {
      // The runner has closed, or the script wants just this.
    } finally {
      connections.remove(channel);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel each : connections) {
      each.close();
    }
  }
}
