package dev.fncluster.lb;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A port that leads to another one until the connections through it are cut. Thread-safe. */
final class CuttableLink implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(60);
  // TIME_WAIT is what is left of connections that others had, to whoever had the port before.
  private static final Set<String> NOT_CONNECTED = Set.of("0A", "06");
  private static final String LEFT = "08";

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> clients = new CopyOnWriteArrayList<>();
  private final int target;

  CuttableLink(int target) throws IOException {
    this.target = target;
    Thread.startVirtualThread(this::acceptAll);
  }

  int port() {
    return listener.getLocalPort();
  }

  /**
   * Refuses new connections and resets (RST) those that are there. When this returns, the resets
   * have arrived at the clients' sockets, whether their owners have noticed or not.
   */
  void cut() {
    int port = port();
    end(true);
    await().atMost(BOUND).until(() -> states(port).findAny().isEmpty());
  }

  /**
   * Closes what is there, as the kernel does for a process that was killed, and refuses new
   * connections. When this returns, the news (FIN) has arrived at the clients' sockets, whether
   * their owners have noticed or not.
   */
  void leave() {
    int port = port();
    end(false);
    await().atMost(BOUND).until(() -> states(port).allMatch(LEFT::equals));
  }

  private void end(boolean reset) {
    try {
      listener.close();
      for (Socket client : clients) {
        if (reset) {
          client.setSoLinger(true, 0);
        }
        client.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = listener.accept();
        clients.add(client);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        Thread.startVirtualThread(() -> copy(client, server));
        Thread.startVirtualThread(() -> copy(server, client));
      }
    } catch (IOException closed) {
      // The test is over, or the link was cut.
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException cut) {
      // Both ends are closed now, as is meant.
    }
  }

  /** The states of this machine's sockets that believe to be connected to a port. */
  private static Stream<String> states(int port) {
    String remote = String.format(Locale.ROOT, ":%04X", port);
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .map(Path::of)
        .filter(Files::exists)
        .flatMap(CuttableLink::lines)
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[2].endsWith(remote) && !NOT_CONNECTED.contains(fields[3]))
        .map(fields -> fields[3]);
  }

  private static Stream<String> lines(Path table) {
    try {
      return Files.readAllLines(table).stream().skip(1);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
