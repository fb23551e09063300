package dev.fncluster.runner.engage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.api.trace.TraceBinary;
import dev.fncluster.api.trace.TraceSettings;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TraceInterceptorTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  private final Tracing tracing =
      Tracing.start(
          TraceSettings.from(Settings.of(Map.of("FN_OTLP_ENDPOINT", "http://127.0.0.1:9"))),
          "test",
          "1");

  @AfterEach
  void close() {
    tracing.close();
  }

  private <Q, A> CallTrace intercepted(MethodDescriptor<Q, A> method, Metadata head) {
    AtomicReference<CallTrace> trace = new AtomicReference<>(CallTrace.NONE);
    var unused =
        new TraceInterceptor(tracing)
            .interceptCall(
                new SilentCall<>(method),
                head,
                (stream, headers) -> {
                  trace.set(TraceInterceptor.of(Context.current()));
                  return new ServerCall.Listener<Q>() {};
                });
    return Objects.requireNonNull(trace.get());
  }

  @Test
  void continuesWhatOldLoadBalancersSendInBinary() {
    Metadata head = new Metadata();
    head.put(
        Metadata.Key.of("grpc-trace-bin", Metadata.BINARY_BYTE_MARSHALLER),
        TraceBinary.write(
            SpanContext.createFromRemoteParent(
                TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault())));
    CallTrace trace = intercepted(RunnerProtocolGrpc.getEngageMethod(), head);

    assertThat(trace.isOn()).isTrue();
    assertThat(trace.whole().getSpanContext().getTraceId()).isEqualTo(TRACE);
  }

  @Test
  void continuesTheTraceOfTheW3c() {
    Metadata head = new Metadata();
    head.put(
        Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
        "00-" + TRACE + "-" + SPAN + "-01");

    assertThat(
            intercepted(RunnerProtocolGrpc.getEngageMethod(), head)
                .whole()
                .getSpanContext()
                .getTraceId())
        .isEqualTo(TRACE);
  }

  @Test
  void questionsForTheStatusAreNoCalls() {
    assertThat(intercepted(RunnerProtocolGrpc.getStatus2Method(), new Metadata()))
        .isSameAs(CallTrace.NONE);
  }

  private static final class SilentCall<Q, A> extends ServerCall<Q, A> {
    private final MethodDescriptor<Q, A> method;

    private SilentCall(MethodDescriptor<Q, A> method) {
      this.method = method;
    }

    @Override
    public void request(int count) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(A message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      return method;
    }
  }
}
