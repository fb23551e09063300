package dev.fncluster.testfunction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Buffered writing to a connection, so that a small answer is one system call. Confined to its
 * connection's thread.
 */
final class ConnectionOutput {
  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);

  ConnectionOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  void write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    write(bytes, 0, bytes.length);
  }

  void write(byte[] source, int offset, int length) throws IOException {
    int position = offset;
    int end = offset + length;
    while (position < end) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(end - position, buffer.remaining());
      buffer.put(source, position, count);
      position += count;
    }
  }

  void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
