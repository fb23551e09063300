package dev.fncluster.runner.driver;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * An image that is there, and that its driver does not remove until this is closed. Closing is
 * idempotent and does not block.
 */
@API(status = API.Status.STABLE, since = "0.1")
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
