package dev.fncluster.api.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TracingTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  // Nobody listens there; nothing here waits for it.
  private final Tracing tracing = start("http://127.0.0.1:9", "100");

  private static Tracing start(String endpoint, String percent) {
    Settings settings =
        Settings.of(Map.of("FN_OTLP_ENDPOINT", endpoint, "FN_OTLP_SAMPLE_PERCENT", percent));
    return Tracing.start(TraceSettings.from(settings), "test", "1");
  }

  @AfterEach
  void close() {
    tracing.close();
  }

  private static HeaderLookup headers(String... pairs) {
    Headers headers = new Headers();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers::first;
  }

  private static Map<String, String> written(CallTrace trace) {
    Map<String, String> headers = new HashMap<>();
    trace.write(headers::put);
    return headers;
  }

  @Test
  void withoutEndpointNothingIsTracedOrWritten() {
    Tracing off = Tracing.start(TraceSettings.from(Settings.of(Map.of())), "test", "1");
    CallTrace trace = off.fromClient(headers("traceparent", "00-" + TRACE + "-" + SPAN + "-01"));

    assertThat(trace).isSameAs(CallTrace.NONE);
    assertThat(written(trace)).isEmpty();
    assertThat(trace.span("x")).isSameAs(Span.getInvalid());
    assertThat(trace.remoteSpan("x")).isSameAs(Span.getInvalid());
    assertThat(trace.<String, RuntimeException>during("x", () -> "y")).isEqualTo("y");
  }

  @Test
  void whatIsNotTracedCostsNoMemory() {
    untraced();
    long before = allocated();
    untraced();

    // One object a call would be 160,000 bytes.
    assertThat(allocated() - before).isLessThan(10_000);
  }

  private static void untraced() {
    for (int i = 0; i < 10_000; i++) {
      Span queue = CallTrace.NONE.span("fn.queue");
      queue.end();
      Span execute = CallTrace.NONE.remoteSpan("fn.execute");
      execute.setAttribute("fn.container_id", "c");
      execute.end();
      CallTrace.NONE.about("c", "f", "a").whole().end();
    }
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void continuesTheTraceOfTheW3c() {
    CallTrace trace =
        tracing.fromClient(headers("Traceparent", "00-" + TRACE + "-" + SPAN + "-01"));

    assertThat(trace.whole().getSpanContext().getTraceId()).isEqualTo(TRACE);
    assertThat(trace.whole().isRecording()).isTrue();
  }

  @Test
  void continuesB3InOneHeaderOrInSeveral() {
    for (HeaderLookup headers :
        new HeaderLookup[] {
          headers("b3", TRACE + "-" + SPAN + "-1"),
          headers("X-B3-TraceId", TRACE, "X-B3-SpanId", SPAN, "X-B3-Sampled", "1"),
        }) {
      assertThat(tracing.fromClient(headers).whole().getSpanContext().getTraceId())
          .isEqualTo(TRACE);
    }
  }

  @Test
  void findsHeadersThatTriggersRename() {
    CallTrace trace =
        tracing.fromClient(headers("Fn-Http-H-Traceparent", "00-" + TRACE + "-" + SPAN + "-01"));

    assertThat(trace.whole().getSpanContext().getTraceId()).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "00-0-0-01", "ff-" + TRACE + "-" + SPAN + "-01"})
  void beginsATraceWhereTheHeaderMakesNoSense(String header) {
    SpanContext begun = tracing.fromClient(headers("traceparent", header)).whole().getSpanContext();

    assertThat(begun.isValid()).isTrue();
    assertThat(begun.getTraceId()).isNotEqualTo(TRACE);
  }

  @Test
  void whoCallsDecidesWhatIsSampled() {
    assertThat(
            tracing
                .fromClient(headers("traceparent", "00-" + TRACE + "-" + SPAN + "-00"))
                .whole()
                .isRecording())
        .isFalse();
    try (Tracing none = start("http://127.0.0.1:9/path", "0")) {
      assertThat(none.fromClient(headers()).whole().isRecording()).isFalse();
      assertThat(
              none.fromClient(headers("traceparent", "00-" + TRACE + "-" + SPAN + "-01"))
                  .whole()
                  .isRecording())
          .isTrue();
    }
  }

  @Test
  void headersTellOfTheSpanOfTheOtherProcess() {
    CallTrace trace = tracing.fromClient(headers());
    assertThat(written(trace).get("traceparent"))
        .contains(trace.whole().getSpanContext().getSpanId());
    Span remote = trace.remoteSpan("fn.place");
    String id = remote.getSpanContext().getSpanId();

    assertThat(written(trace).get("traceparent"))
        .startsWith("00-" + trace.whole().getSpanContext().getTraceId() + "-" + id + "-0");
    assertThat(written(trace)).containsEntry("X-B3-SpanId", id).containsEntry("X-B3-Sampled", "1");
    assertThat(trace.innermost()).isEqualTo(remote.getSpanContext());
  }

  @Test
  void aStepThatFailsStillFails() {
    CallTrace trace = tracing.fromClient(headers());

    assertThatThrownBy(() ->
            trace.<String, IllegalStateException>during(
                "x",
                () -> {
                  throw new IllegalStateException("why");
                }))
        .hasMessage("why");
  }

  @Test
  void binaryFormGoesThereAndBack() {
    SpanContext span =
        SpanContext.createFromRemoteParent(
            TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault());
    byte[] bytes = TraceBinary.write(span);

    assertThat(bytes)
        .startsWith(0, 0, 0x0a, 0xf7)
        .contains(1, org.assertj.core.data.Index.atIndex(18))
        .endsWith(2, 1)
        .hasSize(29);
    assertThat(TraceBinary.read(bytes)).isEqualTo(span);
    assertThat(TraceBinary.read(new byte[0]).isValid()).isFalse();
    assertThat(TraceBinary.read(new byte[29]).isValid()).isFalse();
    bytes[0] = 1;
    assertThat(TraceBinary.read(bytes).isValid()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"collector:4318", "ftp://collector", "http://", "http://a b"})
  void endpointsAreUrls(String endpoint) {
    Settings settings = Settings.of(Map.of("FN_OTLP_ENDPOINT", endpoint));

    assertThatThrownBy(() -> TraceSettings.from(settings))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_OTLP_ENDPOINT");
  }

  @Test
  void thePathOfOtlpIsAddedWhereThereIsNone() {
    assertThat(endpoint("http://collector:4318")).isEqualTo("http://collector:4318/v1/traces");
    assertThat(endpoint("https://c/")).isEqualTo("https://c/v1/traces");
    assertThat(endpoint("https://c/own")).isEqualTo("https://c/own");
  }

  private static String endpoint(String given) {
    return TraceSettings.from(Settings.of(Map.of("FN_OTLP_ENDPOINT", given)))
        .endpoint()
        .orElseThrow()
        .toString();
  }
}
