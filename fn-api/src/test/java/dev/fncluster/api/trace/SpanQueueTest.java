package dev.fncluster.api.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class SpanQueueTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CountDownLatch exporting = new CountDownLatch(1);
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private volatile boolean takes = true;
  private final SpanQueue queue = new SpanQueue(new SlowExporter(), 4, BOUND);
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(queue).build();

  /** Waits with the first spans, and then takes everything or nothing. */
  private final class SlowExporter implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      exporting.countDown();
      try {
        assertThat(mayGoOn.await(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return takes ? CompletableResultCode.ofSuccess() : CompletableResultCode.ofFailure();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  SpanQueueTest() {
    queue.export(meters);
  }

  @AfterEach
  void close() {
    mayGoOn.countDown();
    provider.shutdown().join(BOUND.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void end(int spans) {
    for (int i = 0; i < spans; i++) {
      provider.get("test").spanBuilder("x").startSpan().end();
    }
  }

  private double sent() {
    return meters.get("fn_trace_spans_sent").functionCounter().count();
  }

  private double dropped(String reason) {
    return meters.get("fn_trace_spans_dropped").tag("reason", reason).functionCounter().count();
  }

  @Test
  void spansThatFindTheQueueFullAreCounted() throws Exception {
    end(1);
    assertThat(exporting.await(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    end(10);
    assertThat(dropped("queue_full")).isEqualTo(6);
    mayGoOn.countDown();

    await().atMost(BOUND).until(() -> sent() == 5);
    // There is room again.
    end(1);
    await().atMost(BOUND).until(() -> sent() == 6);
    assertThat(dropped("queue_full")).isEqualTo(6);
    assertThat(dropped("collector")).isZero();
  }

  @Test
  void spansThatTheCollectorDoesNotTakeAreCounted() {
    takes = false;
    mayGoOn.countDown();
    end(3);

    await().atMost(BOUND).until(() -> dropped("collector") == 3);
    assertThat(sent()).isZero();
  }

  @Test
  void spansThatAreNotSampledAreNeitherSentNorLost() {
    mayGoOn.countDown();
    try (SdkTracerProvider silent =
        SdkTracerProvider.builder()
            .setSampler(Sampler.alwaysOff())
            .addSpanProcessor(queue)
            .build()) {
      for (int i = 0; i < 10; i++) {
        silent.get("test").spanBuilder("x").startSpan().end();
      }
      end(1);
      await().atMost(BOUND).until(() -> sent() == 1);
    }
    assertThat(dropped("queue_full")).isZero();
  }
}
