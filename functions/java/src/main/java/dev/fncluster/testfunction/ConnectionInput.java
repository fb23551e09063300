package dev.fncluster.testfunction;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Buffered reading of lines and bytes from a connection. Confined to its connection's thread. */
final class ConnectionInput {
  static final int MAX_LINE_BYTES = 2 << 20;

  private final ReadableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10).limit(0);
  private byte[] line = new byte[512];

  ConnectionInput(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /**
   * Reads a line without its end.
   *
   * @return null when the connection ended before the line began
   * @throws EOFException if it ended within the line
   */
  @Nullable String readLine() throws IOException {
    int length = 0;
    while (true) {
      if (!buffer.hasRemaining() && !fill()) {
        if (length == 0) {
          return null;
        }
        throw new EOFException("connection closed within a line");
      }
      byte next = buffer.get();
      if (next == '\n') {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
      }
      if (length == line.length) {
        if (length >= MAX_LINE_BYTES) {
          throw new IOException("line longer than " + MAX_LINE_BYTES + " bytes");
        }
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = next;
    }
  }

  /**
   * Reads at least one byte and at most {@code length}.
   *
   * @throws EOFException if the connection ended
   */
  int read(byte[] target, int offset, int length) throws IOException {
    if (!buffer.hasRemaining() && !fill()) {
      throw new EOFException("connection closed within a body");
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(target, offset, count);
    return count;
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    buffer.flip();
    return count > 0;
  }
}
