package dev.fncluster.runner.docker;

import dev.fncluster.runner.driver.OutputSource;
import io.netty.buffer.ByteBuf;

/**
 * Reads what the engine makes of the output of a container: frames of 8 bytes (which stream, three
 * zeros, the length in big-endian order) and the bytes themselves. Passes bytes on as they come,
 * and keeps none but those of a header. Not thread-safe.
 */
final class OutputFrames {
  private static final int HEADER = 8;
  private static final int STDERR = 2;

  /** Takes what containers write, piece by piece. */
  @FunctionalInterface
  interface Pieces {
    /**
     * The next bytes, cut anywhere.
     *
     * @param bytes read to their end, or not, within this call; they stay the caller's
     */
    void piece(OutputSource source, ByteBuf bytes);
  }

  private final Pieces pieces;
  private final byte[] header = new byte[HEADER];
  private int headerRead;
  private long left;
  private OutputSource source = OutputSource.STDOUT;

  OutputFrames(Pieces pieces) {
    this.pieces = pieces;
  }

  /** Whether the stream may end here. */
  boolean isAtEndOfFrame() {
    return left == 0 && headerRead == 0;
  }

  /** Reads all of {@code bytes}. */
  void read(ByteBuf bytes) {
    while (bytes.isReadable()) {
      if (left == 0) {
        readHeader(bytes);
      } else {
        int length = (int) Math.min(left, bytes.readableBytes());
        left -= length;
        pieces.piece(source, bytes.readSlice(length));
      }
    }
  }

  private void readHeader(ByteBuf bytes) {
    int length = Math.min(HEADER - headerRead, bytes.readableBytes());
    bytes.readBytes(header, headerRead, length);
    headerRead += length;
    if (headerRead == HEADER) {
      headerRead = 0;
      source = header[0] == STDERR ? OutputSource.STDERR : OutputSource.STDOUT;
      left =
          (header[4] & 0xFFL) << 24
              | (header[5] & 0xFFL) << 16
              | (header[6] & 0xFFL) << 8
              | header[7] & 0xFFL;
    }
  }
}
