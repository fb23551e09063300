package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.start;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A connection that takes one call at a time: others wait for their turn. */
@Timeout(60)
final class GrpcRunnerTurnsTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  private final CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> first =
      new CompletableFuture<>();
  private GrpcRunner runner;

  /** The server keeps its first call, and answers all that follow. */
  @BeforeEach
  void startServer() throws Exception {
    ScriptedRunnerServer server =
        rig.closing(
            ScriptedRunnerServer.oneAtATime((stream, message) -> {
              first.complete(stream);
              if (first.join() != stream && message.getData().getEof()) {
                finish(stream, OK);
              } else {
                stream.request(1);
              }
            }));
    runner = rig.runner(server.port());
  }

  @Test
  void callThatWaitsGoesOutThen() throws Exception {
    CompletableFuture<TryResult> running = start(runner, rig.call(), CallContext.create());
    ServerCall<ClientMsg, RunnerMsg> stream = first.get(30, TimeUnit.SECONDS);
    CompletableFuture<TryResult> waiting =
        start(runner, rig.call(FakeBody.of(3, 25_000)), CallContext.create());
    await().untilAsserted(() -> assertThat(runner.callsUnderWay()).isEqualTo(2));
    finish(stream, OK);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
  }

  @Test
  void callThatWasHandedOverBeforeItsDeadlineMayLeaveAfterIt() throws Exception {
    CallContext other = CallContext.create();
    CompletableFuture<TryResult> running = start(runner, rig.call(), other);
    first.get(30, TimeUnit.SECONDS);
    // Nobody cancels it: gRPC looks at the time by itself.
    CallContext attempt =
        CallContext.withDeadline(System.nanoTime() + Duration.ofSeconds(2).toNanos());
    assertThat(start(runner, rig.call(), attempt).get(30, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.DEADLINE, true));
    other.cancel(CancelCause.CLIENT_GONE);
    assertThat(running.get(30, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }
}
