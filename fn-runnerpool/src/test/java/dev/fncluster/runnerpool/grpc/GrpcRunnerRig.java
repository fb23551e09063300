package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The gRPC client, real servers that do what a test tells them, and calls to send to them. */
final class GrpcRunnerRig implements AfterEachCallback {
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final RunnerClientStats stats =
      new RunnerClientStats(new ViewRegistry(new SimpleMeterRegistry()));
  private final RecordingSink sink = new RecordingSink();
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  /** Has it closed after the test; what came last is closed first. */
  <T extends AutoCloseable> T closing(T each) {
    toClose.addFirst(each);
    return each;
  }

  ScriptedRunnerServer serve(ScriptedRunnerServer.Script script) throws IOException {
    return closing(ScriptedRunnerServer.start(script));
  }

  ScriptedRunnerServer serveOn(int port, ScriptedRunnerServer.Script script) throws IOException {
    return closing(ScriptedRunnerServer.startOn(port, script));
  }

  /** A client of the runner at that port. */
  GrpcRunner runner(int port) {
    return runner(new RunnerAddress("127.0.0.1", port));
  }

  GrpcRunner runner(RunnerAddress address) {
    return runner(address, ChannelSecurity.plaintext());
  }

  GrpcRunner runner(RunnerAddress address, ChannelSecurity security) {
    GrpcRunner runner = new GrpcRunner(address, loops, security, stats);
    closing(() -> runner.close(Duration.ZERO));
    return runner;
  }

  EventLoop loop() {
    return loops.loops().getFirst();
  }

  /** Where the answers of this rig's calls go. */
  RecordingSink sink() {
    return sink;
  }

  /** A call without a body that nobody cancels. */
  RunnerCall call() {
    return call(EmptyBody.create(), CallContext.create());
  }

  RunnerCall call(RequestBody body) {
    return call(body, CallContext.create());
  }

  RunnerCall call(RequestBody body, CallContext context) {
    return call(body, context, sink);
  }

  RunnerCall call(RequestBody body, CallContext context, RecordingSink to) {
    return TestCalls.call(TestCalls.invocation(loop(), to, body, context));
  }

  /** Tries a call once, and waits for what came of it. */
  static TryResult run(GrpcRunner runner, RunnerCall call) throws Exception {
    return start(runner, call, call.context().child()).get(20, TimeUnit.SECONDS);
  }

  /** Tries a call once. */
  static CompletableFuture<TryResult> start(
      GrpcRunner runner, RunnerCall call, CallContext attempt) {
    CompletableFuture<TryResult> result = new CompletableFuture<>();
    call.eventLoop().execute(() -> runner.tryExec(call, attempt, result::complete));
    return result;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    try {
      for (AutoCloseable each : toClose) {
        each.close();
      }
    } finally {
      loops.close();
    }
  }
}
