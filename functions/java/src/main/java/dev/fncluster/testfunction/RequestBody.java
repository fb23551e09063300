package dev.fncluster.testfunction;

import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, sized or chunked, read as it comes. Confined to its connection's thread.
 */
final class RequestBody {
  private final ConnectionInput input;
  private final boolean chunked;
  private long remaining;
  private boolean ended;

  private RequestBody(ConnectionInput input, boolean chunked, long remaining) {
    this.input = input;
    this.chunked = chunked;
    this.remaining = remaining;
    this.ended = !chunked && remaining == 0;
  }

  static RequestBody of(
      ConnectionInput input, @Nullable String transferEncoding, @Nullable String contentLength)
      throws IOException {
    if (transferEncoding != null) {
      if (!transferEncoding.equalsIgnoreCase("chunked")) {
        throw new IOException("Transfer-Encoding is " + transferEncoding + ", expected chunked");
      }
      return new RequestBody(input, true, 0);
    }
    return new RequestBody(
        input, false, contentLength == null ? 0 : parseLength(contentLength, 10));
  }

  /** Reads into the whole of an array, as {@link #read(byte[], int)} does. */
  int read(byte[] target) throws IOException {
    return read(target, 0);
  }

  /**
   * Reads at least one byte into an array from an offset on.
   *
   * @return the number of bytes, or -1 at the end of the body
   */
  int read(byte[] target, int offset) throws IOException {
    if (ended) {
      return -1;
    }
    if (chunked && remaining == 0) {
      remaining = readChunkSize();
      if (remaining == 0) {
        skipTrailers();
        ended = true;
        return -1;
      }
    }
    int count = input.read(target, offset, (int) Math.min(target.length - offset, remaining));
    remaining -= count;
    if (remaining == 0) {
      if (chunked) {
        expectLineEnd();
      } else {
        ended = true;
      }
    }
    return count;
  }

  /** Reads to the end, so that the next request can be read. */
  void skipRest() throws IOException {
    if (ended) {
      return;
    }
    byte[] rest = new byte[8 << 10];
    while (read(rest) >= 0) {
      // Nobody wants it.
    }
  }

  private long readChunkSize() throws IOException {
    String line = requireLine();
    int extension = line.indexOf(';');
    return parseLength((extension < 0 ? line : line.substring(0, extension)).strip(), 16);
  }

  private void expectLineEnd() throws IOException {
    if (!requireLine().isEmpty()) {
      throw new IOException("chunk longer than its size");
    }
  }

  private void skipTrailers() throws IOException {
    while (!requireLine().isEmpty()) {
      // No trailer means anything here.
    }
  }

  private String requireLine() throws IOException {
    String line = input.readLine();
    if (line == null) {
      throw new EOFException("connection closed within a body");
    }
    return line;
  }

  private static long parseLength(String text, int radix) throws IOException {
    try {
      long length = Long.parseLong(text, radix);
      if (length >= 0) {
        return length;
      }
    } catch (NumberFormatException malformed) {
      throw new IOException("length of a body is not a number: " + text, malformed);
    }
    throw new IOException("length of a body is negative: " + text);
  }
}
