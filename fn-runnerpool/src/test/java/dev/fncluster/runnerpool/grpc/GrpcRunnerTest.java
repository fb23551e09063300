package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.run;
import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.start;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.data;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.head;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterTry;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.end;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.finish;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A call by gRPC to a real server: what is sent, what comes back, and how it is called off. */
@Timeout(60)
final class GrpcRunnerTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  @Test
  void answerIsStreamedToTheSinkOnTheLoop() throws Exception {
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              send(stream, head(201, "X-A", "1"), data("hello "), data("world"), OK);
              end(stream, Status.OK);
            }));
    RunnerCall call = rig.call();
    TryResult result = run(rig.runner(server.port()), call);
    assertThat(result).isEqualTo(TryResult.ok());
    assertThat(rig.sink().status()).isEqualTo(201);
    assertThat(rig.sink().headers().first("X-A")).isEqualTo("1");
    assertThat(rig.sink().text()).isEqualTo("hello world");
    assertThat(rig.sink().threads()).hasSize(1).allMatch(t -> t.getName().startsWith("test-loop"));
    assertThat(call.userExecutionTime()).isEqualTo(Duration.ofMillis(5));
    ClientMsg first = server.messages.get(0);
    assertThat(first.getTry().getModelsCallJson()).contains("\"id\":\"call-1\"");
    assertThat(first.getTry().getSlotHashId()).isEqualTo("00ff");
    assertThat(first.getTry().getExtensionsMap()).containsEntry("key", "value");
    Metadata.Key<String> id = Metadata.Key.of("fn_request_id", Metadata.ASCII_STRING_MARSHALLER);
    assertThat(server.lastHeaders.get(id)).isEqualTo("request-1");
  }

  @Test
  void modelThatCannotBeWrittenIsFinal() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterTry(stream -> finish(stream, OK)));
    RunnerCall call = rig.call();
    Map<String, String> broken = new HashMap<>();
    broken.put(null, "value");
    call.model().config(broken);
    GrpcRunner runner = rig.runner(server.port());
    TryResult result = run(runner, call);
    assertThat(result).isInstanceOf(TryResult.Placed.class);
    assertThat(((TryResult.Placed) result).error()).hasMessage("internal server error");
    assertThat(server.sessions).hasValue(0);
    assertThat(runner.callsUnderWay()).isZero();
  }

  @Test
  void cancelEndsTheAttemptAtOnceAndTheStreamOnTheRunner() throws Exception {
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              // Never answers.
            }));
    CallContext attempt = CallContext.create();
    CompletableFuture<TryResult> result =
        start(rig.runner(server.port()), rig.call(EmptyBody.create(), attempt), attempt);
    await().untilAsserted(() -> assertThat(server.messages).isNotEmpty());
    attempt.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(30, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
    await().untilAsserted(() -> assertThat(server.cancelled).hasValue(1));
    assertThat(rig.sink().isHeadWritten()).isFalse();
  }

  @Test
  void cancelledAttemptIsNotSent() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterTry(stream -> finish(stream, OK)));
    CallContext attempt = CallContext.create();
    attempt.cancel(CancelCause.DEADLINE);
    assertThat(
            start(rig.runner(server.port()), rig.call(EmptyBody.create(), attempt), attempt)
                .get(30, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.DEADLINE, false));
    assertThat(server.sessions).hasValue(0);
  }
}
