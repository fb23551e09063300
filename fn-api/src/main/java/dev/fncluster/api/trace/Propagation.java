package dev.fncluster.api.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.extension.trace.propagation.B3Propagator;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Trace contexts in headers: that of the W3C goes before B3 in one header or in several. */
final class Propagation {
  private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();
  private static final TextMapPropagator B3 = B3Propagator.injectingMultiHeaders();

  /** How triggers pass the client's headers on. */
  private static final String TRIGGER_PREFIX = "Fn-Http-H-";

  private static final TextMapGetter<HeaderLookup> OF_CALL =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HeaderLookup headers) {
          return List.of();
        }

        @Override
        public @Nullable String get(@Nullable HeaderLookup headers, String name) {
          if (headers == null) {
            return null;
          }
          String direct = headers.first(name);
          return direct != null ? direct : headers.first(TRIGGER_PREFIX + name);
        }
      };

  private Propagation() {}

  /** What the headers of a call say; the root when they say nothing. */
  static Context read(HeaderLookup headers) {
    Context context = W3C.extract(Context.root(), headers, OF_CALL);
    return Span.fromContext(context).getSpanContext().isValid()
        ? context
        : B3.extract(Context.root(), headers, OF_CALL);
  }

  static void write(Context context, BiConsumer<String, String> headers) {
    W3C.inject(context, headers, (to, name, value) -> set(to, name, value));
    B3.inject(context, headers, (to, name, value) -> set(to, name, value));
  }

  private static void set(@Nullable BiConsumer<String, String> headers, String name, String value) {
    if (headers != null) {
      headers.accept(name, value);
    }
  }
}
