package dev.fncluster.runner.status;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts crash dumps of the kernel in a folder, at most once a second. Thread-safe. Reads a local
 * folder of few entries, on whatever thread asks.
 */
public final class KernelDumps implements LongSupplier {
  private static final Logger log = LoggerFactory.getLogger(KernelDumps.class);
  private static final long LIFETIME_NANOS = Duration.ofSeconds(1).toNanos();

  private final String folder;
  private final AtomicLong countedNanos = new AtomicLong(System.nanoTime() - LIFETIME_NANOS);
  private volatile long count;

  /** Counts what is in {@code folder}; nothing if that is empty or not there. */
  public KernelDumps(String folder) {
    this.folder = folder;
  }

  @Override
  public long getAsLong() {
    long now = System.nanoTime();
    long last = countedNanos.get();
    if (!folder.isEmpty()
        && now - last >= LIFETIME_NANOS
        && countedNanos.compareAndSet(last, now)) {
      count = count();
    }
    return count;
  }

  private long count() {
    Path path = Path.of(folder);
    if (!Files.isDirectory(path)) {
      return 0;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.count();
    } catch (IOException | UncheckedIOException e) {
      log.atWarn().setCause(e).log("Kernel crash dumps can't be counted");
      return 0;
    }
  }
}
