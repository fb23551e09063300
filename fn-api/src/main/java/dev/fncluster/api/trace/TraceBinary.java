package dev.fncluster.api.trace;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A span in the 29 bytes of {@code grpc-trace-bin}:
 *
 * <pre>
 *   0 │ 0, trace id (16 bytes) │ 1, span id (8 bytes) │ 2, options (1 byte)
 *   └ version
 * </pre>
 */
public final class TraceBinary {
  private static final int LENGTH = 29;
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 18;
  private static final int OPTIONS = 27;

  private TraceBinary() {}

  /** {@code span} as bytes. */
  public static byte[] write(SpanContext span) {
    byte[] bytes = new byte[LENGTH];
    System.arraycopy(span.getTraceIdBytes(), 0, bytes, TRACE_ID + 1, 16);
    bytes[SPAN_ID] = 1;
    System.arraycopy(span.getSpanIdBytes(), 0, bytes, SPAN_ID + 1, 8);
    bytes[OPTIONS] = 2;
    bytes[OPTIONS + 1] = span.getTraceFlags().asByte();
    return bytes;
  }

  /** The span that {@code bytes} stand for; an invalid one when they stand for none. */
  public static SpanContext read(byte[] bytes) {
    if (bytes.length < OPTIONS || bytes[0] != 0 || bytes[TRACE_ID] != 0 || bytes[SPAN_ID] != 1) {
      return SpanContext.getInvalid();
    }
    boolean hasOptions = bytes.length >= LENGTH && bytes[OPTIONS] == 2;
    return SpanContext.createFromRemoteParent(
        hex(bytes, TRACE_ID + 1, 16),
        hex(bytes, SPAN_ID + 1, 8),
        hasOptions ? TraceFlags.fromByte(bytes[OPTIONS + 1]) : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  private static String hex(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(Arrays.copyOfRange(bytes, from, from + length));
  }
}
