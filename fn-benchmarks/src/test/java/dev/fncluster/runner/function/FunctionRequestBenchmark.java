package dev.fncluster.runner.function;

import dev.fncluster.api.model.Call;
import dev.fncluster.benchmarks.SampleCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The head of the request with which a runner sends a call to its function. */
@State(Scope.Benchmark)
public class FunctionRequestBenchmark {
  private final Call call = SampleCalls.complete(new Call());
  private final ByteBuf out = Unpooled.directBuffer(4 * 1024);

  /** The headers that may be passed on, and ours, as bytes. */
  @Benchmark
  public ByteBuf headToFunction() {
    FunctionRequest.head(out.clear(), call, SampleCalls.NOW);
    return out;
  }
}
