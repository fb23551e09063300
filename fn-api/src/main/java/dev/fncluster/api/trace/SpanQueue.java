package dev.fncluster.api.trace;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where spans wait for a thread that sends them. Those that find the queue full are lost, and so
 * are those that the collector does not take; both are counted. Thread-safe; nobody waits.
 */
final class SpanQueue implements SpanProcessor {
  /** How many spans wait at most. */
  static final int LENGTH = 8_192;

  private static final Duration SEND_EVERY = Duration.ofSeconds(1);

  private final int length;
  private final BatchSpanProcessor batches;
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder sent = new LongAdder();
  private final LongAdder overflown = new LongAdder();
  private final LongAdder notTaken = new LongAdder();

  /**
   * A queue before {@code exporter}.
   *
   * @param length how many spans wait at most, from 1 to {@link #LENGTH}
   * @param sendLimit how long the exporter may take for some of them
   */
  SpanQueue(SpanExporter exporter, int length, Duration sendLimit) {
    this.length = length;
    // Its own queue is never fuller than ours, so that it loses nothing uncounted.
    batches =
        BatchSpanProcessor.builder(new Counted(exporter))
            .setMaxQueueSize(LENGTH)
            .setScheduleDelay(SEND_EVERY)
            .setExporterTimeout(sendLimit)
            .build();
  }

  /** Has {@code meters} tell what becomes of spans. */
  void export(MeterRegistry meters) {
    FunctionCounter.builder("fn_trace_spans_sent", sent, LongAdder::sum)
        .description("Spans that the collector has taken")
        .register(meters);
    lost(meters, "queue_full", overflown);
    lost(meters, "collector", notTaken);
  }

  private static void lost(MeterRegistry meters, String reason, LongAdder count) {
    FunctionCounter.builder("fn_trace_spans_dropped", count, LongAdder::sum)
        .description("Spans that are lost")
        .tag("reason", reason)
        .register(meters);
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (!span.getSpanContext().isSampled()) {
      return;
    }
    if (waiting.incrementAndGet() > length) {
      waiting.decrementAndGet();
      overflown.increment();
    } else {
      batches.onEnd(span);
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public CompletableResultCode shutdown() {
    return batches.shutdown();
  }

  @Override
  public CompletableResultCode forceFlush() {
    return batches.forceFlush();
  }

  /** Counts what leaves the queue, and what comes of it. */
  private final class Counted implements SpanExporter {
    private final SpanExporter exporter;

    Counted(SpanExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int count = spans.size();
      waiting.addAndGet(-count);
      CompletableResultCode result = exporter.export(spans);
      result.whenComplete(() -> (result.isSuccess() ? sent : notTaken).add(count));
      return result;
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }
}
