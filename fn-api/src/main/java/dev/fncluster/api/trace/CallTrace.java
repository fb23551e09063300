package dev.fncluster.api.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one call on one node: one for the whole, and others below it.
 *
 * <pre>
 *   fn.invoke ─┬─ fn.place (a try at a runner)
 *              └─ fn.place ── fn.run ─┬─ fn.queue
 *                 (load balancer)     ├─ fn.image_pull, fn.container_create, fn.container_init
 *                                     └─ fn.execute ── what the function reports itself
 * </pre>
 *
 * <p>Confined to the event loop of the call, but for {@link #during}, which a launch may use on any
 * thread.
 */
public final class CallTrace {
  /** The trace of a call that is not traced: does nothing. */
  public static final CallTrace NONE = new CallTrace(null, Span.getInvalid(), Context.root());

  /** A step of a call that may take a while. */
  @FunctionalInterface
  public interface Step<T, E extends Exception> {
    /** Takes it. */
    T take() throws E;
  }

  private final @Nullable Tracer tracer;
  private final Span whole;
  private final Context wholeContext;
  private Context innermost;

  private CallTrace(@Nullable Tracer tracer, Span whole, Context context) {
    this.tracer = tracer;
    this.whole = whole;
    this.wholeContext = context;
    this.innermost = context;
  }

  /** A trace that begins with a span below that of {@code parent}. */
  static CallTrace begin(Tracer tracer, String name, SpanKind kind, Context parent) {
    Span span = tracer.spanBuilder(name).setSpanKind(kind).setParent(parent).startSpan();
    return new CallTrace(tracer, span, parent.with(span));
  }

  /** Whether anything comes of it. */
  public boolean isOn() {
    return tracer != null;
  }

  /** The span of the whole call on this node. */
  public Span whole() {
    return whole;
  }

  /** Begins a span below that of the whole call. Whoever begins one ends it. */
  public Span span(String name) {
    return tracer == null ? Span.getInvalid() : start(tracer, name, SpanKind.INTERNAL);
  }

  /**
   * Begins a span of what another process does for this call. What is written to headers until the
   * next one is about this one.
   */
  public Span remoteSpan(String name) {
    if (tracer == null) {
      return Span.getInvalid();
    }
    Span span = start(tracer, name, SpanKind.CLIENT);
    innermost = wholeContext.with(span);
    return span;
  }

  private Span start(Tracer by, String name, SpanKind kind) {
    return by.spanBuilder(name).setSpanKind(kind).setParent(wholeContext).startSpan();
  }

  /** Takes {@code step} in a span of its own. On any thread. */
  public <T, E extends Exception> T during(String name, Step<T, E> step) throws E {
    if (tracer == null) {
      return step.take();
    }
    Span span = span(name);
    try {
      return step.take();
    } catch (Throwable e) {
      // Not its message, which may have what must not leave the node.
      span.setStatus(StatusCode.ERROR, e.getClass().getSimpleName());
      throw e;
    } finally {
      span.end();
    }
  }

  /** The span that another process is to continue. */
  public SpanContext innermost() {
    return Span.fromContext(innermost).getSpanContext();
  }

  /** Gives {@code headers} what tells another process of the innermost span. */
  public void write(BiConsumer<String, String> headers) {
    if (tracer != null) {
      Propagation.write(innermost, headers);
    }
  }

  /** Ends a span that has failed. */
  public static void fail(Span span, String why) {
    span.setStatus(StatusCode.ERROR, why);
    span.end();
  }

  /** The call's ids, on the span of the whole. */
  public CallTrace about(String callId, String fnId, String appId) {
    if (tracer != null) {
      whole.setAttribute("fn.call_id", Objects.requireNonNull(callId));
      whole.setAttribute("fn.fn_id", Objects.requireNonNull(fnId));
      whole.setAttribute("fn.app_id", Objects.requireNonNull(appId));
    }
    return this;
  }

  /** The id by which the client knows its request, on the span of the whole, if there is one. */
  public CallTrace ofRequest(String requestId) {
    if (tracer != null && !requestId.isEmpty()) {
      whole.setAttribute("fn.rid", requestId);
    }
    return this;
  }
}
