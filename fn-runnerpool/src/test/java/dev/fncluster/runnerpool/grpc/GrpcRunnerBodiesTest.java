package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.run;
import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.start;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.failure;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterBody;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterTry;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import io.grpc.Metadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How bodies of requests are sent to a runner, and when they are no longer kept. */
@Timeout(60)
final class GrpcRunnerBodiesTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  @Test
  void noBodyIsOneEmptyLastFrame() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterBody(stream -> finish(stream, OK)));
    assertThat(run(rig.runner(server.port()), rig.call())).isEqualTo(TryResult.ok());
    assertThat(server.messages).hasSize(2);
    assertThat(server.messages.get(1).getData())
        .isEqualTo(DataFrame.newBuilder().setEof(true).build());
  }

  @Test
  void bodyIsCutIntoFramesWhoseLastSaysSo() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterBody(stream -> finish(stream, OK)));
    FakeBody body = FakeBody.of(3, 25_000);
    assertThat(run(rig.runner(server.port()), rig.call(body))).isEqualTo(TryResult.ok());
    assertThat(server.frames()).allMatch(frame -> frame.length <= 10_240 && frame.length > 0);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    server.frames().forEach(all::writeBytes);
    byte[] received = all.toByteArray();
    assertThat(received).hasSize(75_000);
    for (int i = 0; i < received.length; i++) {
      assertThat(received[i]).isEqualTo((byte) (i % 251));
    }
    List<Boolean> eof =
        server.messages.stream()
            .filter(ClientMsg::hasData)
            .map(message -> message.getData().getEof())
            .toList();
    assertThat(eof.subList(0, eof.size() - 1)).containsOnly(false);
    assertThat(eof.get(eof.size() - 1)).isTrue();
    await().untilAsserted(() -> assertThat(server.halfClosed).hasValue(1));
  }

  @Test
  void bytesInMemoryAreSentToo() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterBody(stream -> finish(stream, OK)));
    RequestBody body = BytesBody.of("payload".getBytes(StandardCharsets.UTF_8));
    assertThat(run(rig.runner(server.port()), rig.call(body))).isEqualTo(TryResult.ok());
    assertThat(new String(server.frames().get(0), StandardCharsets.UTF_8)).isEqualTo("payload");
    assertThat(server.messages.get(1).getData().getEof()).isTrue();
  }

  @Test
  void bodyThatFailsCutsTheStreamAndIsTheAnswer() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterBody(stream -> finish(stream, OK)));
    FakeBody body = FakeBody.failing(3, 1_000, InvocationErrors.bodyTooLarge(3_000));
    TryResult result = run(rig.runner(server.port()), rig.call(body));
    assertThat(((TryResult.Placed) result).error())
        .isInstanceOfSatisfying(FnException.class, e -> assertThat(e.code()).isEqualTo(413));
    await().untilAsserted(() -> assertThat(server.cancelled).hasValue(1));
    assertThat(server.messages).noneMatch(message -> message.getData().getEof());
  }

  @Test
  void bodyIsCommittedOnceTheRunnerHasTakenTheCall() throws Exception {
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              Metadata taken = new Metadata();
              taken.put(EngageSession.TAKEN, "1");
              stream.sendHeaders(taken);
              stream.request(1_000);
            }));
    FakeBody body = FakeBody.of(1, 10);
    CallContext attempt = CallContext.create();
    CompletableFuture<TryResult> result =
        start(rig.runner(server.port()), rig.call(body, attempt), attempt);
    await().untilAsserted(() -> assertThat(body.isCommitted()).isTrue());
    assertThat(result).isNotDone();
    attempt.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(30, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }

  @Test
  void bodyStaysReplayableAfterANack() throws Exception {
    ScriptedRunnerServer server =
        rig.serve(afterTry(stream -> finish(stream, failure(503, "busy", false))));
    FakeBody body = FakeBody.of(2, 10);
    assertThat(run(rig.runner(server.port()), rig.call(body)))
        .isInstanceOf(TryResult.NotPlaced.class);
    assertThat(body.isReplayable()).isTrue();
  }
}
