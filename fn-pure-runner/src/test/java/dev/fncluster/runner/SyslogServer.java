package dev.fncluster.runner;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ServerSocketFactory;

/** A syslog server that keeps what it gets, over UDP, TCP, TLS or a Unix socket. */
final class SyslogServer implements AutoCloseable {
  /** Something that may fail as input and output do. */
  private interface Work {
    void run() throws IOException;
  }

  private final String url;
  private final AutoCloseable socket;
  private final StringBuffer received = new StringBuffer();

  private SyslogServer(String url, AutoCloseable socket) {
    this.url = url;
    this.socket = socket;
  }

  static SyslogServer udp() throws IOException {
    DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    SyslogServer server = new SyslogServer("udp://127.0.0.1:" + socket.getLocalPort(), socket);
    server.inBackground(() -> {
      DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
      while (true) {
        socket.receive(packet);
        server.keep(packet.getData(), packet.getLength());
      }
    });
    return server;
  }

  static SyslogServer tcp(String scheme, ServerSocketFactory factory) throws IOException {
    ServerSocket socket = factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    SyslogServer server =
        new SyslogServer(scheme + "://127.0.0.1:" + socket.getLocalPort(), socket);
    server.inBackground(() -> {
      while (true) {
        Socket connection = socket.accept();
        server.inBackground(() -> server.read(connection.getInputStream()));
      }
    });
    return server;
  }

  static SyslogServer unix(Path path) throws IOException {
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(path));
    SyslogServer server =
        new SyslogServer(
            "unix://" + path,
            () -> {
              socket.close();
              Files.deleteIfExists(path);
            });
    server.inBackground(() -> {
      while (true) {
        SocketChannel connection = socket.accept();
        server.inBackground(() -> server.read(Channels.newInputStream(connection)));
      }
    });
    return server;
  }

  /** The URL of an app that logs here. */
  String url() {
    return url;
  }

  /** All that came so far. */
  String received() {
    return received.toString();
  }

  @Override
  public void close() throws Exception {
    socket.close();
  }

  void keep(byte[] bytes, int length) {
    received.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  private void read(InputStream in) throws IOException {
    byte[] some = new byte[8192];
    for (int length = in.read(some); length >= 0; length = in.read(some)) {
      keep(some, length);
    }
  }

  private void inBackground(Work work) {
    Thread.ofPlatform()
        .daemon()
        .name("syslog")
        .start(() -> {
          try {
            work.run();
          } catch (SocketException | AsynchronousCloseException e) {
            // The end of this server.
          } catch (ClosedChannelException e) {
            // As well.
          } catch (IOException e) {
            received.append("FAILED ").append(e);
          }
        });
  }
}
