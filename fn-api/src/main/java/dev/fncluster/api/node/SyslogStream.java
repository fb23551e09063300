package dev.fncluster.api.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;

/**
 * A connection to a syslog server over TCP. A server that is connected and reads no more fails a
 * write after a while: the writer of the log must not wait for it for ever. Blocks; an interrupt
 * ends that. Not thread-safe.
 */
final class SyslogStream implements WritableByteChannel {
  private static final int CONNECT_MILLIS = 3_000;

  private final SocketChannel socket;
  private final Selector selector;
  private final Duration writeLimit;

  private SyslogStream(SocketChannel socket, Selector selector, Duration writeLimit) {
    this.socket = socket;
    this.selector = selector;
    this.writeLimit = writeLimit;
  }

  /**
   * Connects.
   *
   * @param writeLimit how long a write may take
   */
  static SyslogStream connect(InetSocketAddress address, Duration writeLimit) throws IOException {
    SocketChannel socket = SocketChannel.open();
    boolean opened = false;
    try {
      socket.socket().connect(address, CONNECT_MILLIS);
      socket.configureBlocking(false);
      Selector selector = Selector.open();
      socket.register(selector, SelectionKey.OP_WRITE);
      opened = true;
      return new SyslogStream(socket, selector, writeLimit);
    } finally {
      if (!opened) {
        socket.close();
      }
    }
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    long deadline = System.nanoTime() + writeLimit.toNanos();
    socket.write(bytes);
    while (bytes.hasRemaining()) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (!left.isPositive()) {
        throw new IOException("it reads nothing of what it is sent");
      }
      selector.select(Math.max(1, left.toMillis()));
      selector.selectedKeys().clear();
      socket.write(bytes);
    }
    return length;
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    try {
      selector.close();
    } finally {
      socket.close();
    }
  }
}
