package dev.fncluster.api.replay;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The room that all bodies of a server share. Thread-safe, lock-free. */
public final class ReplaySpace {
  private static final int DEFAULT_MEMORY = 1 << 20;

  private final ReplaySettings settings;
  private final AtomicLong inMemory = new AtomicLong();
  private final AtomicLong inFiles = new AtomicLong();

  private ReplaySpace(ReplaySettings settings) {
    this.settings = settings;
  }

  /** Room as {@code settings} say. */
  public static ReplaySpace of(ReplaySettings settings) {
    return new ReplaySpace(settings);
  }

  /** No files, and as much memory for each body. */
  public static ReplaySpace inMemory(int bytes) {
    return new ReplaySpace(new ReplaySettings(bytes, Long.MAX_VALUE, Path.of(""), 0, 0));
  }

  /** No files, and the memory that holds when nothing is set. */
  public static ReplaySpace inMemory() {
    return inMemory(DEFAULT_MEMORY);
  }

  /** How many bytes of bodies lie in files, or are on their way there. */
  public long bytesInFiles() {
    return inFiles.get();
  }

  /** How many bytes of bodies are in memory. */
  public long bytesInMemory() {
    return inMemory.get();
  }

  int memoryBytes() {
    return settings.memoryBytes();
  }

  long fileBytes() {
    return settings.fileBytes();
  }

  Path folder() {
    return settings.folder();
  }

  /** Takes room in memory; false when there is not that much. */
  boolean reserveMemory(int bytes) {
    return reserve(inMemory, bytes, settings.totalMemoryBytes());
  }

  /** Gives it back. */
  void releaseMemory(int bytes) {
    inMemory.addAndGet(-bytes);
  }

  /** Takes room in files; false when there is not that much. */
  boolean reserveFile(int bytes) {
    return reserve(inFiles, bytes, settings.totalFileBytes());
  }

  /** Gives it back. */
  void releaseFile(long bytes) {
    inFiles.addAndGet(-bytes);
  }

  private static boolean reserve(AtomicLong taken, int bytes, long limit) {
    if (taken.addAndGet(bytes) <= limit) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }
}
