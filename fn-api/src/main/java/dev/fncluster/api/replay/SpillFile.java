package dev.fncluster.api.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its body. The part of a body that does not fit in memory, in a file
 * that loses its name as soon as it is open: whatever happens to the process, nothing stays.
 *
 * <p>The disk is waited for on virtual threads, one piece of work after the other, so that a
 * reading finds all that was added before it. What waits to be written is bounded by whoever adds:
 * see {@link #isSaturated()}.
 */
final class SpillFile {
  private static final Logger log = LoggerFactory.getLogger(SpillFile.class);
  private static final int MAX_WAITING = 512 * 1024;
  private static final int READ_SIZE = 64 * 1024;
  private static final Executor DISK = task -> Thread.ofVirtual().name("replay-file").start(task);
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path folder;
  private final ByteBufAllocator allocator;
  private final Executor loop;
  private final Runnable onProgress;
  private final Consumer<Throwable> onFailure;

  // Touched by the work on the disk only, which is serial.
  private @Nullable FileChannel channel;

  private CompletableFuture<Void> lastWork;
  private MemoryParts waiting;
  private boolean writing;
  private int unwritten;
  private long size;
  private long handedToDisk;
  private boolean fetching;
  private long fetchedFrom;
  private @Nullable ByteBuf fetched;
  private boolean closed;

  /**
   * Opens a file.
   *
   * @param loop where this object lives
   * @param onProgress called there when there is room to write, or something that was read
   * @param onFailure called there, once, when the disk fails: the contents are lost then
   */
  SpillFile(
      Path folder,
      ByteBufAllocator allocator,
      Executor loop,
      Runnable onProgress,
      Consumer<Throwable> onFailure) {
    this.folder = folder;
    this.allocator = allocator;
    this.loop = loop;
    this.onProgress = onProgress;
    this.onFailure = onFailure;
    this.waiting = new MemoryParts(allocator);
    this.lastWork = CompletableFuture.runAsync(this::open, DISK);
  }

  /** How many bytes were added. */
  long size() {
    return size;
  }

  /** Whether so much waits for the disk that nothing should be added before there is progress. */
  boolean isSaturated() {
    return unwritten >= MAX_WAITING;
  }

  /** Adds the readable bytes of {@code piece}, which stays the caller's. */
  void append(ByteBuf piece) {
    int length = piece.readableBytes();
    size += length;
    unwritten += length;
    waiting.append(piece);
    if (!writing) {
      write();
    }
  }

  /**
   * Some bytes from {@code offset} on, less than {@link #size()}; the caller's. Null when they have
   * to come from the disk first: progress will be told.
   */
  @Nullable ByteBuf from(long offset) {
    ByteBuf known = fetched;
    if (known != null) {
      fetched = null;
      if (fetchedFrom == offset) {
        return known;
      }
      known.release();
    }
    if (!fetching && offset < handedToDisk) {
      fetch(offset);
    }
    return null;
  }

  /** Lets go of everything, once what is under way has ended. Idempotent. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    ByteBuf known = fetched;
    if (known != null) {
      fetched = null;
      known.release();
    }
    waiting.clear();
    CompletableFuture<Void> unused =
        lastWork.handleAsync(
            (done, failure) -> {
              shut();
              return done;
            },
            DISK);
  }

  private void write() {
    writing = true;
    MemoryParts batch = waiting;
    waiting = new MemoryParts(allocator);
    long position = handedToDisk;
    handedToDisk = size;
    work(() -> writeAll(batch, position), failure -> written(batch, failure));
  }

  private void written(MemoryParts batch, @Nullable Throwable failure) {
    writing = false;
    unwritten -= batch.size();
    batch.clear();
    if (closed) {
      return;
    }
    if (failure != null) {
      fail(failure);
      return;
    }
    if (waiting.size() > 0) {
      write();
    }
    onProgress.run();
  }

  private void fetch(long offset) {
    fetching = true;
    int length = (int) Math.min(READ_SIZE, handedToDisk - offset);
    ByteBuf target = allocator.buffer(length, length);
    work(() -> read(target, offset), failure -> fetched(target, offset, failure));
  }

  private void fetched(ByteBuf target, long offset, @Nullable Throwable failure) {
    fetching = false;
    if (closed || failure != null) {
      target.release();
      if (!closed && failure != null) {
        fail(failure);
      }
      return;
    }
    fetched = target;
    fetchedFrom = offset;
    onProgress.run();
  }

  private void fail(Throwable failure) {
    close();
    onFailure.accept(failure instanceof CompletionException ? failure.getCause() : failure);
  }

  private void work(Runnable onDisk, Consumer<@Nullable Throwable> then) {
    lastWork = lastWork.thenRunAsync(onDisk, DISK);
    CompletableFuture<Void> unused =
        lastWork.whenComplete((done, failure) -> loop.execute(() -> then.accept(failure)));
  }

  // On the disk's threads.

  private void open() {
    Path file = folder.resolve("fn-replay-" + UUID.randomUUID());
    try {
      // On Unix, "delete on close" takes the name away as soon as the file is open.
      channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.DELETE_ON_CLOSE),
              OWNER_ONLY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeAll(MemoryParts batch, long position) {
    long at = position;
    try {
      for (ByteBuf each : batch.parts()) {
        for (ByteBuffer part : each.nioBuffers()) {
          while (part.hasRemaining()) {
            at += opened().write(part, at);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(ByteBuf target, long offset) {
    try {
      while (target.isWritable()) {
        int count =
            target.writeBytes(opened(), offset + target.readableBytes(), target.writableBytes());
        if (count < 0) {
          throw new EOFException("a file of a request body is shorter than what was written");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void shut() {
    FileChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.atWarn().setCause(e).log("a file of a request body did not close");
      }
    }
  }

  private FileChannel opened() {
    return Objects.requireNonNull(channel, "opened by the first work");
  }
}
