package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.run;
import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.start;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.data;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.head;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterTry;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.end;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.testing.Standstill;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import dev.fncluster.runnerpool.fake.RecordingSink;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing is read faster than it is taken, in either direction. */
@Timeout(60)
final class GrpcRunnerFlowTest {
  private static final RunnerMsg PIECE = data("x".repeat(10_000));

  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  private static void sendLong(ServerCall<ClientMsg, RunnerMsg> stream, int pieces) {
    send(stream, head(200));
    for (int i = 0; i < pieces; i++) {
      stream.sendMessage(PIECE);
    }
    stream.sendMessage(OK);
    end(stream, Status.OK);
  }

  @Test
  void bodyIsReadNoFasterThanTheRunnerTakesIt() throws Exception {
    ScriptedRunnerServer server =
        rig.serve((stream, message) -> {
          // Asks for nothing after the call itself.
        });
    FakeBody body = FakeBody.of(10_000, 10_000);
    CallContext context = CallContext.create();
    CompletableFuture<TryResult> result =
        start(rig.runner(server.port()), rig.call(body, context), context);
    await().untilAsserted(() -> assertThat(body.bytesRead()).isGreaterThan(50_000));
    // A tenth of the body: what fits into the windows of the connection.
    assertThat(Standstill.of(body::bytesRead)).isLessThan(10_000_000);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(30, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
  }

  @Test
  void answerIsTakenNoFasterThanTheSinkTakesIt() throws Exception {
    int pieces = 3_000;
    ScriptedRunnerServer server = rig.serve(afterTry(stream -> sendLong(stream, pieces)));
    rig.sink().writable(false);
    CompletableFuture<TryResult> result =
        start(rig.runner(server.port()), rig.call(), CallContext.create());
    await().untilAsserted(() -> assertThat(rig.sink().status()).isEqualTo(200));
    assertThat(Standstill.of(rig.sink()::size)).isLessThan(50_000);
    rig.loop().execute(() -> rig.sink().writable(true));
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    assertThat(rig.sink().size()).isEqualTo(pieces * 10_000);
  }

  @Test
  void ofAnAnswerThatNobodyTakesOnlyTheBeginningIsSent() throws Exception {
    CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> answering = new CompletableFuture<>();
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              send(stream, head(200));
              answering.complete(stream);
            }));
    rig.sink().writable(false);
    CallContext context = CallContext.create();
    CompletableFuture<TryResult> result =
        start(rig.runner(server.port()), rig.call(EmptyBody.create(), context), context);
    ServerCall<ClientMsg, RunnerMsg> stream = answering.get(20, TimeUnit.SECONDS);
    AtomicInteger sent = new AtomicInteger();
    long bytes =
        Standstill.of(() -> {
          while (stream.isReady() && sent.get() < 400) {
            stream.sendMessage(PIECE);
            sent.incrementAndGet();
          }
          return 10_000 * sent.get();
        });
    // A thousand such clients must not take all memory.
    assertThat(bytes).isBetween(50_000L, 256L * 1024);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }

  @Test
  void slowClientDoesNotHoldUpOthersOnTheSameConnection() throws Exception {
    CountDownLatch firstIsSent = new CountDownLatch(1);
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              sendLong(stream, 1_000);
              firstIsSent.countDown();
            }));
    GrpcRunner runner = rig.runner(server.port());
    RecordingSink slow = new RecordingSink();
    slow.writable(false);
    CallContext context = CallContext.create();
    CompletableFuture<TryResult> stalled =
        start(runner, rig.call(EmptyBody.create(), context, slow), context);
    await().untilAsserted(() -> assertThat(slow.status()).isEqualTo(200));
    // The slow one's answer is on its way before the other call begins.
    assertThat(firstIsSent.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(run(runner, rig.call())).isEqualTo(TryResult.ok());
    assertThat(rig.sink().size()).isEqualTo(10_000_000);
    assertThat(slow.size()).isLessThan(50_000);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(stalled.get(30, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }
}
