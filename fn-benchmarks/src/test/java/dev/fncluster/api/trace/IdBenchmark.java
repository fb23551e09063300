package dev.fncluster.api.trace;

import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.benchmarks.SampleCalls;
import io.opentelemetry.api.trace.SpanContext;
import java.net.URI;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The ids of a call and of its trace. */
@State(Scope.Benchmark)
public class IdBenchmark {
  private final IdGenerator ids = IdGenerator.forThisMachine(8080);
  private final Headers untraced = SampleCalls.requestHeaders();
  private final Headers traced =
      SampleCalls.requestHeaders()
          .add("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  // Nothing of it is kept, so nothing is sent.
  private final Tracing tracing =
      Tracing.start(
          new TraceSettings(Optional.of(URI.create("http://127.0.0.1:9/v1/traces")), "", 0),
          "pieces",
          "0");

  /** Of a call. */
  @Benchmark
  public String callId() {
    return ids.next();
  }

  /** Where calls are not traced. */
  @Benchmark
  public CallTrace traceWhenOff() {
    return Tracing.off().fromClient(untraced::first);
  }

  /** Of a trace that begins here and is not kept. */
  @Benchmark
  public CallTrace traceBegins() {
    return tracing.fromClient(untraced::first);
  }

  /** Of a trace that a client has begun, which is not kept. */
  @Benchmark
  public CallTrace traceContinues() {
    return tracing.fromClient(traced::first);
  }

  /** Reads the headers of a client. */
  @Benchmark
  public SpanContext readTraceparent() {
    return Tracing.read(traced::first);
  }

  /** Ends what sends spans. */
  @TearDown
  public void close() {
    tracing.close();
  }
}
