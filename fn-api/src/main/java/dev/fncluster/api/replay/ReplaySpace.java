package dev.fncluster.api.replay;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The room that all bodies of a server share. Thread-safe, lock-free. */
public final class ReplaySpace {
  private static final int DEFAULT_MEMORY = 1 << 20;

  private final ReplaySettings settings;
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
    return new ReplaySpace(new ReplaySettings(bytes, Path.of(""), 0, 0));
  }

  /** No files, and the memory that holds when nothing is set. */
  public static ReplaySpace inMemory() {
    return inMemory(DEFAULT_MEMORY);
  }

  /** How many bytes of bodies lie in files, or are on their way there. */
  public long bytesInFiles() {
    return inFiles.get();
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

  /** Takes room in files; false when there is not that much. */
  boolean reserve(int bytes) {
    if (inFiles.addAndGet(bytes) <= settings.totalFileBytes()) {
      return true;
    }
    inFiles.addAndGet(-bytes);
    return false;
  }

  /** Gives it back. */
  void release(long bytes) {
    inFiles.addAndGet(-bytes);
  }
}
