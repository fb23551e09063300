package dev.fncluster.api.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its body. What was read of a body so far, to be read again from any
 * byte: its beginning in memory, the rest in a file.
 */
public final class ReplayBuffer {
  private static final Logger log = LoggerFactory.getLogger(ReplayBuffer.class);

  private final ReplaySpace space;
  private final ByteBufAllocator allocator;
  private final Executor loop;
  private final Runnable onProgress;
  private final MemoryParts memory;
  private @Nullable SpillFile file;
  private @Nullable Throwable failure;

  /**
   * An empty buffer.
   *
   * @param loop the event loop of the body
   * @param onProgress called there when {@link #isSaturated} may have changed, or when what {@link
   *     #from} did not have is there
   */
  public ReplayBuffer(
      ReplaySpace space, ByteBufAllocator allocator, Executor loop, Runnable onProgress) {
    this.space = space;
    this.allocator = allocator;
    this.loop = loop;
    this.onProgress = onProgress;
    this.memory = new MemoryParts(allocator);
  }

  /** How many bytes there are. */
  public long size() {
    SpillFile spilled = file;
    return memory.size() + (spilled == null ? 0 : spilled.size());
  }

  /**
   * Adds the readable bytes of {@code piece}, which stays the caller's.
   *
   * @return false when there is no room: then nothing was added, and what there is, is of no use
   */
  public boolean append(ByteBuf piece) {
    int length = piece.readableBytes();
    if (file == null
        && memory.size() + (long) length <= space.memoryBytes()
        && space.reserveMemory(length)) {
      memory.append(piece);
      return true;
    }
    if (failure != null
        || (file == null ? 0 : file.size()) + length > space.fileBytes()
        || !space.reserveFile(length)) {
      return false;
    }
    SpillFile spilled = file;
    if (spilled == null) {
      spilled = new SpillFile(space.folder(), allocator, loop, onProgress, this::lost);
      file = spilled;
    }
    spilled.append(piece);
    return true;
  }

  /**
   * Whether nothing should be added before there is progress: the disk is slower than the client.
   */
  public boolean isSaturated() {
    SpillFile spilled = file;
    return spilled != null && failure == null && spilled.isSaturated();
  }

  /**
   * A piece that begins at byte {@code offset}, 0 to less than {@link #size()}; the caller's. Null
   * when it is on its way from the disk, or lost with a {@link #failure()}.
   */
  public @Nullable ByteBuf from(long offset) {
    if (offset < memory.size()) {
      return memory.from((int) offset);
    }
    SpillFile spilled = file;
    if (spilled == null) {
      throw new IndexOutOfBoundsException("byte " + offset + " of " + size());
    }
    return failure == null ? spilled.from(offset - memory.size()) : null;
  }

  /** Why what lay in the file can't be read any more; null while it can. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Lets go of everything; what {@link #from} gave stays valid. */
  public void clear() {
    space.releaseMemory(memory.size());
    memory.clear();
    SpillFile spilled = file;
    if (spilled != null) {
      file = null;
      spilled.close();
      space.releaseFile(spilled.size());
    }
  }

  private void lost(Throwable cause) {
    failure = cause;
    log.atWarn().setCause(cause).log("a request body is not kept any more: its file failed");
    onProgress.run();
  }
}
