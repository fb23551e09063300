package dev.fncluster.runner.function;

import dev.fncluster.api.model.Call;
import dev.fncluster.benchmarks.SampleCalls;
import io.netty.handler.codec.http.HttpHeaders;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The headers with which a runner sends a call to its function. */
@State(Scope.Benchmark)
public class FunctionRequestBenchmark {
  private final Call call = SampleCalls.complete(new Call());

  /** Those that may be passed on, and ours. */
  @Benchmark
  public HttpHeaders headersToFunction() {
    return FunctionRequest.headers(call, SampleCalls.NOW);
  }
}
