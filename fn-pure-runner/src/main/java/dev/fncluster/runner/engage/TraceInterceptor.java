package dev.fncluster.runner.engage;

import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.api.trace.TraceBinary;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.trace.SpanContext;

/**
 * Begins a runner's part of a trace with the head of a call's stream, in which load balancers tell
 * of theirs: as {@code traceparent}, B3 headers or {@code grpc-trace-bin}. Thread-safe.
 */
public final class TraceInterceptor implements ServerInterceptor {
  private static final Context.Key<CallTrace> TRACE = Context.key("fn-trace");
  private static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("grpc-trace-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final String ENGAGE = RunnerProtocolGrpc.getEngageMethod().getFullMethodName();

  private final Tracing tracing;

  /** One that begins traces of {@code tracing}. */
  public TraceInterceptor(Tracing tracing) {
    this.tracing = tracing;
  }

  /** The trace of the stream that {@code context} belongs to. */
  static CallTrace of(Context context) {
    CallTrace trace = TRACE.get(context);
    return trace == null ? CallTrace.NONE : trace;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> stream, Metadata head, ServerCallHandler<Q, A> next) {
    if (!stream.getMethodDescriptor().getFullMethodName().equals(ENGAGE)) {
      return next.startCall(stream, head);
    }
    CallTrace trace = tracing.fromLoadBalancer(parent(head));
    return Contexts.interceptCall(Context.current().withValue(TRACE, trace), stream, head, next);
  }

  private static SpanContext parent(Metadata head) {
    SpanContext told =
        Tracing.read(name -> head.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
    if (told.isValid()) {
      return told;
    }
    byte[] binary = head.get(BINARY);
    return binary == null ? SpanContext.getInvalid() : TraceBinary.read(binary);
  }
}
