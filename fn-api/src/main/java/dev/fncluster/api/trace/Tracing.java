package dev.fncluster.api.trace;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether and how a node traces calls. Thread-safe.
 *
 * <p>Spans wait in a queue of limited length for a thread that sends them; those that find it full
 * are lost, and so are those that the collector does not take. No call waits for them.
 */
public final class Tracing implements AutoCloseable {
  private static final Tracing OFF = new Tracing(null, null);
  private static final String SCOPE = "dev.fncluster";
  private static final Duration SEND_LIMIT = Duration.ofSeconds(5);

  private final @Nullable SpanQueue queue;
  private final @Nullable SdkTracerProvider provider;
  private final @Nullable Tracer tracer;

  private Tracing(@Nullable SpanQueue queue, @Nullable SdkTracerProvider provider) {
    this.queue = queue;
    this.provider = provider;
    this.tracer = provider == null ? null : provider.get(SCOPE);
  }

  /** That of a node that traces nothing. */
  public static Tracing off() {
    return OFF;
  }

  /**
   * As {@code settings} say.
   *
   * @param usualName what the node is called in traces when nothing else is set
   * @param version of this program
   */
  public static Tracing start(TraceSettings settings, String usualName, String version) {
    if (settings.endpoint().isEmpty()) {
      return OFF;
    }
    String service = settings.serviceName().isEmpty() ? usualName : settings.serviceName();
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint().get().toString())
            .setTimeout(SEND_LIMIT)
            .build();
    SpanQueue queue = new SpanQueue(exporter, SpanQueue.LENGTH, SEND_LIMIT);
    return new Tracing(
        queue,
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"), service,
                        AttributeKey.stringKey("service.version"), version)))
            .setSampler(
                Sampler.parentBased(Sampler.traceIdRatioBased(settings.samplePercent() / 100.0)))
            .addSpanProcessor(queue)
            .build());
  }

  /** Whether calls are traced. */
  public boolean isOn() {
    return tracer != null;
  }

  /** Has {@code meters} tell how many spans are sent and lost, if any are made. */
  public void export(MeterRegistry meters) {
    if (queue != null) {
      queue.export(meters);
    }
  }

  /** Begins the trace of a call that has come from a client, who may have begun it. */
  public CallTrace fromClient(HeaderLookup headers) {
    return tracer == null
        ? CallTrace.NONE
        : CallTrace.begin(tracer, "fn.invoke", SpanKind.SERVER, Propagation.read(headers));
  }

  /**
   * Begins the part of a trace that a runner adds.
   *
   * @param parent of a load balancer; may be invalid
   */
  public CallTrace fromLoadBalancer(SpanContext parent) {
    return tracer == null
        ? CallTrace.NONE
        : CallTrace.begin(
            tracer, "fn.run", SpanKind.SERVER, Context.root().with(Span.wrap(parent)));
  }

  /** The span that {@code headers} tell of, invalid when they tell of none. */
  public static SpanContext read(HeaderLookup headers) {
    return Span.fromContext(Propagation.read(headers)).getSpanContext();
  }

  /** Sends what waits, for some seconds at most, and stops. */
  @Override
  public void close() {
    if (provider != null) {
      var unused = provider.shutdown().join(SEND_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
