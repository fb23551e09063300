package dev.fncluster.runnerpool.grpc;

import static dev.fncluster.runnerpool.grpc.GrpcRunnerRig.run;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.BUSY;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.OK;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.data;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.failure;
import static dev.fncluster.runnerpool.grpc.RunnerMessages.head;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.afterTry;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.end;
import static dev.fncluster.runnerpool.grpc.RunnerScripts.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.TryResult;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every end of a session means, row by row of the rules for clients. */
@Timeout(60)
final class GrpcRunnerOutcomesTest {
  @RegisterExtension final GrpcRunnerRig rig = new GrpcRunnerRig();

  record Expected(boolean placed, int code, String text, @Nullable Class<?> type) {}

  private static Expected busy() {
    return new Expected(false, 503, "", null);
  }

  private static Expected placed(int code, String text, Class<?> type) {
    return new Expected(true, code, text, type);
  }

  private static Expected p500() {
    return placed(500, "internal server error", ServiceException.class);
  }

  private static Arguments row(
      String name, List<RunnerMsg> messages, Status status, Expected expected) {
    return Arguments.of(name, messages, status, expected);
  }

  static Stream<Arguments> outcomes() {
    return Stream.of(
        row("nack", List.of(BUSY), Status.OK, busy()),
        row("nack of a user", List.of(failure(503, "x", true)), Status.OK, busy()),
        row(
            "busy as a status",
            List.of(),
            Status.UNKNOWN.withDescription("Timed out - server too busy"),
            busy()),
        row(
            "function error",
            List.of(failure(502, "function failed", true)),
            Status.OK,
            placed(502, "function failed", FunctionException.class)),
        row(
            "service error",
            List.of(failure(400, "Invalid Fn image", false)),
            Status.OK,
            placed(400, "Invalid Fn image", ServiceException.class)),
        row(
            "error without text",
            List.of(failure(502, "", true)),
            Status.OK,
            placed(502, "Unknown Error From Pure Runner", FunctionException.class)),
        row("error without code", List.of(failure(0, "docker says no", false)), Status.OK, p500()),
        row("lost after TryCall", List.of(), Status.UNAVAILABLE, p500()),
        row("protocol failure", List.of(), Status.UNKNOWN.withDescription("nope"), p500()),
        row("too large", List.of(), Status.RESOURCE_EXHAUSTED, p500()),
        row("end without finish", List.of(head(200)), Status.OK, p500()),
        row("error after finish", List.of(OK), Status.INTERNAL, p500()),
        row("message after finish", List.of(OK, data("x")), Status.OK, p500()),
        row("two finishes", List.of(OK, OK), Status.OK, p500()),
        row("nack after output", List.of(head(200), BUSY), Status.OK, p500()),
        row("second head", List.of(head(200), head(201), OK), Status.OK, p500()),
        row("status out of range", List.of(head(700), OK), Status.OK, p500()),
        row(
            "unknown messages are skipped",
            List.of(
                RunnerMsg.getDefaultInstance(),
                RunnerMsg.newBuilder().setResultStart(CallResultStart.getDefaultInstance()).build(),
                OK),
            Status.OK,
            new Expected(true, 0, "", null)),
        row("no answer but success", List.of(OK), Status.OK, new Expected(true, 0, "", null)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outcomes")
  void everyOutcomeIsWhatTheRulesSay(
      String name, List<RunnerMsg> messages, Status status, Expected expected) throws Exception {
    ScriptedRunnerServer server =
        rig.serve(
            afterTry(stream -> {
              send(stream, messages.toArray(RunnerMsg[]::new));
              end(stream, status);
            }));
    TryResult result = run(rig.runner(server.port()), rig.call());
    if (!expected.placed()) {
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isTrue();
      assertThat(rig.sink().isHeadWritten()).isFalse();
      return;
    }
    assertThat(result).isInstanceOf(TryResult.Placed.class);
    Throwable error = ((TryResult.Placed) result).error();
    if (expected.type() == null) {
      assertThat(error).isNull();
    } else {
      assertThat(error).isInstanceOf(expected.type()).hasMessage(expected.text());
      assertThat(((FnException) error).code()).isEqualTo(expected.code());
    }
  }

  @Test
  void streamThatDoesNotEndAfterTheCallIsGivenUp() throws Exception {
    ScriptedRunnerServer server = rig.serve(afterTry(stream -> send(stream, head(200), OK)));
    TryResult result = run(rig.runner(server.port()), rig.call());
    assertThat(result)
        .isInstanceOfSatisfying(
            TryResult.Placed.class,
            placed -> assertThat(placed.error()).isInstanceOf(ServiceException.class));
  }
}
