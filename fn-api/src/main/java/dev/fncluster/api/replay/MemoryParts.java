package dev.fncluster.api.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in memory, to be read again from any of them. Confined to one thread.
 *
 * <p>Large pieces are shared, not copied. Small ones are copied together: each may be a slice of a
 * far larger receive buffer, which a client that sends byte by byte could make us hold.
 */
final class MemoryParts {
  private static final int SMALL = 4 * 1024;
  private static final int BLOCK = 8 * 1024;

  private final ByteBufAllocator allocator;
  private final List<ByteBuf> parts = new ArrayList<>();
  private @Nullable ByteBuf open;
  private int size;

  MemoryParts(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** How many bytes there are. */
  int size() {
    return size;
  }

  /** Adds the readable bytes of {@code piece}, which stays the caller's. */
  void append(ByteBuf piece) {
    int length = piece.readableBytes();
    size += length;
    if (length > SMALL) {
      open = null;
      parts.add(piece.retainedSlice());
      return;
    }
    ByteBuf block = open;
    if (block == null || block.writableBytes() < length) {
      block = allocator.buffer(BLOCK, BLOCK);
      parts.add(block);
      open = block;
    }
    block.writeBytes(piece, piece.readerIndex(), length);
  }

  /** A piece that begins at byte {@code offset}, 0 to less than {@link #size()}; the caller's. */
  ByteBuf from(int offset) {
    int start = 0;
    for (ByteBuf part : parts) {
      int length = part.readableBytes();
      if (offset < start + length) {
        int skip = offset - start;
        return part.retainedSlice(part.readerIndex() + skip, length - skip);
      }
      start += length;
    }
    throw new IndexOutOfBoundsException("byte " + offset + " of " + size);
  }

  /** All of it, in order; still owned by this object. */
  List<ByteBuf> parts() {
    return parts;
  }

  /** Lets go of everything; what {@link #from} gave stays valid. */
  void clear() {
    parts.forEach(ByteBuf::release);
    parts.clear();
    open = null;
    size = 0;
  }
}
