package dev.fncluster.api.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to a syslog server. Opened when it is needed, and after a failure not again for a while.
 * Blocks; an interrupt ends that. Not thread-safe.
 */
final class SyslogConnection implements AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(3);
  // What a datagram can hold, less some for the way.
  private static final int MAX_DATAGRAM = 65_000;

  private final LogDestination.Syslog server;
  private final LongSupplier nanoClock;
  private final Duration writeLimit;
  private @Nullable WritableByteChannel channel;
  private boolean failed;
  private long failedAt;

  SyslogConnection(LogDestination.Syslog server, LongSupplier nanoClock) {
    this(server, nanoClock, WRITE_LIMIT);
  }

  /**
   * A way that is not opened yet.
   *
   * @param writeLimit how long a server over TCP may take to read a line
   */
  SyslogConnection(LogDestination.Syslog server, LongSupplier nanoClock, Duration writeLimit) {
    this.server = server;
    this.nanoClock = nanoClock;
    this.writeLimit = writeLimit;
  }

  /**
   * Sends one line, which has no end.
   *
   * @throws IOException when the server can't be reached or reads nothing, or could not be reached
   *     a moment ago
   */
  void send(byte[] line) throws IOException {
    if (failed && nanoClock.getAsLong() - failedAt < RETRY.toNanos()) {
      throw new IOException("it could not be reached a moment ago");
    }
    try {
      WritableByteChannel to = open();
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

  private WritableByteChannel open() throws IOException {
    WritableByteChannel there = channel;
    if (there != null) {
      return there;
    }
    // Looked up each time: the server may have moved.
    InetSocketAddress address = new InetSocketAddress(server.host(), server.port());
    if (address.isUnresolved()) {
      throw new IOException("its host is not known");
    }
    WritableByteChannel opened =
        server.tcp() ? SyslogStream.connect(address, writeLimit) : datagrams(address);
    channel = opened;
    return opened;
  }

  private static DatagramChannel datagrams(InetSocketAddress address) throws IOException {
    DatagramChannel opened = DatagramChannel.open();
    try {
      return opened.connect(address);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    WritableByteChannel there = channel;
    channel = null;
    if (there != null) {
      there.close();
    }
  }
}
