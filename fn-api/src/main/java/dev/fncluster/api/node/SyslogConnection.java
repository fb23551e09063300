package dev.fncluster.api.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to a syslog server. Opened when it is needed, and after a failure not again for a while.
 * Blocks; an interrupt ends that. Not thread-safe.
 */
final class SyslogConnection implements AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int CONNECT_MILLIS = 3_000;
  // What a datagram can hold, less some for the way.
  private static final int MAX_DATAGRAM = 65_000;

  private final LogDestination.Syslog server;
  private final LongSupplier nanoClock;
  private @Nullable ByteChannel channel;
  private boolean failed;
  private long failedAt;

  SyslogConnection(LogDestination.Syslog server, LongSupplier nanoClock) {
    this.server = server;
    this.nanoClock = nanoClock;
  }

  /**
   * Sends one line, which has no end.
   *
   * @throws IOException when the server can't be reached, or could not be a moment ago
   */
  void send(byte[] line) throws IOException {
    if (failed && nanoClock.getAsLong() - failedAt < RETRY.toNanos()) {
      throw new IOException("it could not be reached a moment ago");
    }
    try {
      ByteChannel to = open();
      ByteBuffer bytes =
          server.tcp()
              ? ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip()
              : ByteBuffer.wrap(line, 0, Math.min(line.length, MAX_DATAGRAM));
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
      failed = false;
    } catch (IOException | RuntimeException e) {
      failed = true;
      failedAt = nanoClock.getAsLong();
      close();
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  private ByteChannel open() throws IOException {
    ByteChannel there = channel;
    if (there != null) {
      return there;
    }
    // Looked up each time: the server may have moved.
    InetSocketAddress address = new InetSocketAddress(server.host(), server.port());
    if (address.isUnresolved()) {
      throw new IOException("its host is not known");
    }
    ByteChannel opened = server.tcp() ? tcp(address) : DatagramChannel.open().connect(address);
    channel = opened;
    return opened;
  }

  private static SocketChannel tcp(InetSocketAddress address) throws IOException {
    SocketChannel opened = SocketChannel.open();
    try {
      opened.socket().connect(address, CONNECT_MILLIS);
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    ByteChannel there = channel;
    channel = null;
    if (there != null) {
      there.close();
    }
  }
}
