package dev.fncluster.api.auth;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Keys in a file that may change. Thread-safe. */
final class FileKeys implements JwtKeys {
  private final Path path;
  private final Duration period;
  private volatile @Nullable WatchedFile<KeySet> file;

  FileKeys(Path path, Duration period) {
    this.path = path;
    this.period = period;
  }

  @Override
  public void start() throws IOException {
    file = WatchedFile.watch(JwtSettings.KEYS_PATH.name(), path, period, KeySet::parse);
  }

  @Override
  public KeySet current() {
    WatchedFile<KeySet> started = file;
    if (started == null) {
      throw AuthErrors.unavailable();
    }
    return started.get();
  }

  @Override
  public void refresh() {
    // The file is looked at all the time.
  }

  @Override
  public void close() {
    WatchedFile<KeySet> started = file;
    if (started != null) {
      started.close();
    }
  }
}
