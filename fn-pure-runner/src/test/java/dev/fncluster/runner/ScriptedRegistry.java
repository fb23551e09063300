package dev.fncluster.runner;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/**
 * A registry without TLS that says what a test wants; for what a real one says only when it is ill.
 */
final class ScriptedRegistry implements AutoCloseable {
  /** An answer. */
  record Answer(int status, String type, byte[] body) {
    Answer(int status, String json) {
      this(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final int TLS_HANDSHAKE = 0x16;

  private final ServerSocket server;
  private final BiFunction<String, String, Answer> script;

  /**
   * Listens on a free port.
   *
   * @param script from method and path to answer
   */
  ScriptedRegistry(BiFunction<String, String, Answer> script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String line = line(in);
      // An engine tries TLS first; it is told at once that there is none.
      if (line.isEmpty() || line.charAt(0) == TLS_HANDSHAKE) {
        return;
      }
      while (!line(in).isEmpty()) {
        // The headers don't matter.
      }
      String[] request = line.split(" ");
      Answer answer = script.apply(request[0], request[1]);
      byte[] body = answer.body();
      String head =
          "HTTP/1.1 %d Scripted\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
              + "Docker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n";
      socket
          .getOutputStream()
          .write(
              head.formatted(answer.status(), answer.type(), body.length)
                  .getBytes(StandardCharsets.US_ASCII));
      if (!request[0].equals("HEAD")) {
        socket.getOutputStream().write(body);
      }
    } catch (IOException gone) {
      // The engine has left.
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c == TLS_HANDSHAKE) {
        return Character.toString(c);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
