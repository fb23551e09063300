package dev.fncluster.api.management;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a change is said to have happened. */
final class UpdateTime {
  private UpdateTime() {}

  /** {@code now}, or a millisecond after the previous change where the clock has not moved on. */
  static Instant after(@Nullable Instant previous, Instant now) {
    return previous == null || now.isAfter(previous) ? now : previous.plusMillis(1);
  }
}
