package dev.fncluster.stats;

import io.opencensus.stats.Measure;

/** Where recorders come from: all views, or a part of each. Thread-safe. */
@FunctionalInterface
public interface Recorders {
  /**
   * A recorder of {@code measure}; looking it up costs, recording does not.
   *
   * @param tags keys and values in turn
   */
  Recorder recorder(Measure measure, String... tags);
}
