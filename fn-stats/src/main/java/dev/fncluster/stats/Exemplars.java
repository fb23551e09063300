package dev.fncluster.stats;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Which trace the values belong to that this thread records: those of a histogram's buckets then
 * have examples that lead to traces. Thread-safe.
 */
public final class Exemplars {
  private static final ThreadLocal<@Nullable Span> CURRENT = new ThreadLocal<>();

  private record Span(String traceId, String spanId) {}

  private Exemplars() {}

  /**
   * Runs {@code recording}, whose values belong to that span.
   *
   * @param traceId 32 hexadecimal digits
   * @param spanId 16 hexadecimal digits
   */
  public static void during(String traceId, String spanId, Runnable recording) {
    CURRENT.set(new Span(traceId, spanId));
    try {
      recording.run();
    } finally {
      CURRENT.remove();
    }
  }

  /** For whoever samples examples. */
  static final SpanContext SOURCE =
      new SpanContext() {
        @Override
        public @Nullable String getCurrentTraceId() {
          Span span = CURRENT.get();
          return span == null ? null : span.traceId();
        }

        @Override
        public @Nullable String getCurrentSpanId() {
          Span span = CURRENT.get();
          return span == null ? null : span.spanId();
        }

        @Override
        public boolean isCurrentSpanSampled() {
          return CURRENT.get() != null;
        }

        @Override
        public void markCurrentSpanAsExemplar() {}
      };
}
