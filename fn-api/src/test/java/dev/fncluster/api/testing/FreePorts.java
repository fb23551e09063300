package dev.fncluster.api.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Ports for servers that must know theirs before they listen, or that come back at the same one.
 *
 * <p>They are below those that the kernel gives to outgoing connections: a port of that range can
 * be somebody's end of a connection by the time the server wants it. A JVM gets none twice before
 * it had all.
 */
public final class FreePorts {
  private static final int LOWEST = 10_000;
  private static final int END = lowestOfConnections();
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(END - LOWEST));

  private FreePorts() {}

  /** A port of the loopback address that nobody has now, neither for TCP nor for datagrams. */
  public static int next() {
    for (int tried = 0; tried < END - LOWEST; tried++) {
      int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), END - LOWEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no port from " + LOWEST + " to " + END + " is free");
  }

  private static boolean isFree(int port) {
    try (ServerSocket connections = new ServerSocket(port, 1, InetAddress.getByName("0.0.0.0"));
        DatagramSocket datagrams = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      return connections.isBound() && datagrams.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private static int lowestOfConnections() {
    // By lines, which are read in one piece: the kernel gives such a file to its first read only.
    try (Stream<String> lines = Files.lines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))) {
      int lowest = Integer.parseInt(lines.findFirst().orElseThrow().split("\\s+", 2)[0]);
      if (lowest <= LOWEST) {
        throw new IllegalStateException("connections get ports from " + lowest + " on");
      }
      return lowest;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
