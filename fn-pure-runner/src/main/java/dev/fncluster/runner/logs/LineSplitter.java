package dev.fncluster.runner.logs;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Makes lines of bytes that come in pieces. A line that is too long comes out in several, cut
 * between two characters where it is UTF-8. Not thread-safe; holds no memory between lines.
 */
final class LineSplitter {
  /** The longest line in bytes. */
  static final int MAX_LINE = 16 * 1024;

  private static final int LONGEST_CHARACTER = 4;

  private ByteString begun = ByteString.EMPTY;

  /** Whether a line has begun and not ended. */
  boolean isAmidLine() {
    return !begun.isEmpty();
  }

  /** Reads all of {@code bytes} and hands out the lines that end in them. */
  void feed(ByteBuf bytes, Consumer<ByteString> lines) {
    while (bytes.isReadable()) {
      int length = bytes.bytesBefore((byte) '\n');
      if (length < 0) {
        begin(read(bytes, bytes.readableBytes()), lines);
        return;
      }
      begin(read(bytes, length), lines);
      bytes.skipBytes(1);
      end(lines);
    }
  }

  /** Hands out the line that has begun, if any, as if it had ended. */
  void flush(Consumer<ByteString> lines) {
    if (isAmidLine()) {
      end(lines);
    }
  }

  /** Forgets the line that has begun. */
  void forget() {
    begun = ByteString.EMPTY;
  }

  private void begin(ByteString more, Consumer<ByteString> lines) {
    ByteString all = begun.concat(more);
    while (all.size() > MAX_LINE) {
      int cut = cut(all, MAX_LINE);
      lines.accept(all.substring(0, cut));
      all = all.substring(cut);
    }
    begun = all;
  }

  private void end(Consumer<ByteString> lines) {
    ByteString line = begun;
    begun = ByteString.EMPTY;
    boolean carriageReturn = !line.isEmpty() && line.byteAt(line.size() - 1) == '\r';
    lines.accept(carriageReturn ? line.substring(0, line.size() - 1) : line);
  }

  /**
   * Where to cut {@code bytes} so that at most {@code limit} come first and no character breaks.
   */
  static int cut(ByteString bytes, int limit) {
    for (int at = limit; at > Math.max(0, limit - LONGEST_CHARACTER); at--) {
      boolean continues = (bytes.byteAt(at) & 0xC0) == 0x80;
      if (!continues) {
        return at;
      }
    }
    return limit;
  }

  private static ByteString read(ByteBuf bytes, int length) {
    byte[] copy = new byte[length];
    bytes.readBytes(copy);
    return ByteString.copyFrom(copy);
  }
}
