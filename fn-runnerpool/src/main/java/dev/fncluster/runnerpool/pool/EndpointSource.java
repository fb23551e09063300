package dev.fncluster.runnerpool.pool;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Knows which runners there are. Thread-safe. */
public interface EndpointSource extends AutoCloseable {
  /**
   * Begins to tell. Blocks for a bounded time: not on an event loop.
   *
   * @param listener told all runners whenever they have changed, never of none, and not by two
   *     threads at the same time; where they are known already, before this method returns
   * @throws IOException when it is certain that this source will never work
   */
  void start(Consumer<List<Endpoint>> listener) throws IOException;

  /** Tells no more. Idempotent. */
  @Override
  void close();

  /** Runners that never change. */
  static EndpointSource fixed(List<Endpoint> endpoints) {
    return new EndpointSource() {
      @Override
      public void start(Consumer<List<Endpoint>> listener) {
        listener.accept(endpoints);
      }

      @Override
      public void close() {}
    };
  }
}
