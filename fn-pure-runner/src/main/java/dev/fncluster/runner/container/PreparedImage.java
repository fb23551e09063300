package dev.fncluster.runner.container;

import java.time.Duration;

/**
 * An image that is there, and that its driver does not remove until this is closed. Closing is
 * idempotent and does not block.
 */
public interface PreparedImage extends AutoCloseable {
  /** How long it waited for a pull; zero if there was none. */
  Duration pulled();

  @Override
  void close();

  /** One that nothing has to keep from being removed. */
  static PreparedImage pulledFor(Duration time) {
    return new PreparedImage() {
      @Override
      public Duration pulled() {
        return time;
      }

      @Override
      public void close() {}
    };
  }
}
