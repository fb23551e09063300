package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.fncluster.api.call.BytesBody;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.HttpHeader;
import dev.fncluster.proto.HttpRespMeta;
import dev.fncluster.proto.RunnerMsg;
import dev.fncluster.runnerpool.RunnerAddress;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.ViewRegistry;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The gRPC client against a real server, row by row of the rules for clients. */
@Timeout(60)
class GrpcRunnerTest {
  private static final RunnerMsg OK =
      finished(CallFinished.newBuilder().setSuccess(true).setExecutionDuration(5_000_000));

  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final RunnerClientStats stats =
      new RunnerClientStats(new ViewRegistry(new SimpleMeterRegistry()));
  private final RecordingSink sink = new RecordingSink();
  private final List<AutoCloseable> toClose = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : toClose) {
      each.close();
    }
    loops.close();
  }

  @Test
  void answerIsStreamedToTheSinkOnTheLoop() throws Exception {
    ScriptedRunnerServer server =
        serve(
            afterTry(stream -> {
              send(stream, head(201, "X-A", "1"), data("hello "), data("world"), OK);
              end(stream, Status.OK);
            }));
    RunnerCall call = call(EmptyBody.create(), CallContext.create());
    TryResult result = run(runner(server.port()), call);
    assertThat(result).isEqualTo(TryResult.ok());
    assertThat(sink.status()).isEqualTo(201);
    assertThat(sink.headers().first("X-A")).isEqualTo("1");
    assertThat(sink.text()).isEqualTo("hello world");
    assertThat(sink.threads()).hasSize(1).allMatch(t -> t.getName().startsWith("test-loop"));
    assertThat(call.userExecutionTime()).isEqualTo(Duration.ofMillis(5));
    ClientMsg first = server.messages.get(0);
    assertThat(first.getTry().getModelsCallJson()).contains("\"id\":\"call-1\"");
    assertThat(first.getTry().getSlotHashId()).isEqualTo("00ff");
    assertThat(first.getTry().getExtensionsMap()).containsEntry("key", "value");
    Metadata.Key<String> id = Metadata.Key.of("fn_request_id", Metadata.ASCII_STRING_MARSHALLER);
    assertThat(server.lastHeaders.get(id)).isEqualTo("request-1");
  }

  @Test
  void noBodyIsOneEmptyLastFrame() throws Exception {
    ScriptedRunnerServer server = serve(afterBody(stream -> finish(stream, OK)));
    assertThat(run(runner(server.port()), call(EmptyBody.create(), CallContext.create())))
        .isEqualTo(TryResult.ok());
    assertThat(server.messages).hasSize(2);
    assertThat(server.messages.get(1).getData())
        .isEqualTo(DataFrame.newBuilder().setEof(true).build());
  }

  @Test
  void bodyIsCutIntoFramesWhoseLastSaysSo() throws Exception {
    ScriptedRunnerServer server = serve(afterBody(stream -> finish(stream, OK)));
    FakeBody body = FakeBody.of(3, 25_000);
    assertThat(run(runner(server.port()), call(body, CallContext.create())))
        .isEqualTo(TryResult.ok());
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
  void bodyIsReadNoFasterThanTheRunnerTakesIt() throws Exception {
    ScriptedRunnerServer server =
        serve((stream, message) -> {
          // Asks for nothing after the call itself.
        });
    FakeBody body = FakeBody.of(10_000, 10_000);
    CallContext context = CallContext.create();
    CompletableFuture<TryResult> result =
        start(runner(server.port()), call(body, context), context);
    await().untilAsserted(() -> assertThat(body.bytesRead()).isGreaterThan(50_000));
    long before = -1;
    long now = body.bytesRead();
    while (before != now) {
      before = now;
      Thread.sleep(300);
      now = body.bytesRead();
    }
    // A tenth of the body: what fits into the windows of the connection.
    assertThat(now).isLessThan(10_000_000);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(10, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
  }

  @Test
  void answerIsTakenNoFasterThanTheSinkTakesIt() throws Exception {
    int pieces = 3_000;
    RunnerMsg piece = data("x".repeat(10_000));
    ScriptedRunnerServer server =
        serve(
            afterTry(stream -> {
              stream.sendHeaders(new Metadata());
              stream.sendMessage(head(200));
              for (int i = 0; i < pieces; i++) {
                stream.sendMessage(piece);
              }
              stream.sendMessage(OK);
              stream.close(Status.OK, new Metadata());
            }));
    sink.writable(false);
    CompletableFuture<TryResult> result =
        start(
            runner(server.port()),
            call(EmptyBody.create(), CallContext.create()),
            CallContext.create());
    await().untilAsserted(() -> assertThat(sink.status()).isEqualTo(200));
    Thread.sleep(300);
    assertThat(sink.size()).isLessThan(50_000);
    loops.loops().get(0).execute(() -> sink.writable(true));
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    assertThat(sink.size()).isEqualTo(pieces * 10_000);
  }

  @Test
  void slowClientDoesNotHoldUpOthersOnTheSameConnection() throws Exception {
    RunnerMsg piece = data("x".repeat(10_000));
    ScriptedRunnerServer server =
        serve(
            afterTry(stream -> {
              stream.sendHeaders(new Metadata());
              stream.sendMessage(head(200));
              for (int i = 0; i < 1_000; i++) {
                stream.sendMessage(piece);
              }
              stream.sendMessage(OK);
              stream.close(Status.OK, new Metadata());
            }));
    GrpcRunner runner = runner(server.port());
    RecordingSink slow = new RecordingSink();
    slow.writable(false);
    CallContext context = CallContext.create();
    CompletableFuture<TryResult> stalled =
        start(
            runner,
            TestCalls.call(
                TestCalls.invocation(loops.loops().get(0), slow, EmptyBody.create(), context)),
            context);
    await().untilAsserted(() -> assertThat(slow.status()).isEqualTo(200));
    Thread.sleep(300);
    assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
        .isEqualTo(TryResult.ok());
    assertThat(sink.size()).isEqualTo(10_000_000);
    assertThat(slow.size()).isLessThan(50_000);
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(stalled.get(10, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }

  static Stream<Arguments> outcomes() {
    return Stream.of(
        row("nack", List.of(failure(503, "Timed out - server too busy", false)), Status.OK, busy()),
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
        row(
            "nack after output",
            List.of(head(200), failure(503, "Timed out - server too busy", false)),
            Status.OK,
            p500()),
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
        serve(
            afterTry(stream -> {
              send(stream, messages.toArray(RunnerMsg[]::new));
              end(stream, status);
            }));
    TryResult result = run(runner(server.port()), call(EmptyBody.create(), CallContext.create()));
    if (!expected.placed()) {
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isTrue();
      assertThat(sink.isHeadWritten()).isFalse();
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
    ScriptedRunnerServer server = serve(afterTry(stream -> send(stream, head(200), OK)));
    TryResult result = run(runner(server.port()), call(EmptyBody.create(), CallContext.create()));
    assertThat(result)
        .isInstanceOfSatisfying(
            TryResult.Placed.class,
            placed -> assertThat(placed.error()).isInstanceOf(ServiceException.class));
  }

  @Test
  void unreachableRunnerWasNotSentTheCall() throws Exception {
    ScriptedRunnerServer server = serve(afterTry(stream -> finish(stream, OK)));
    int port = server.port();
    server.close();
    FakeBody body = FakeBody.of(1, 10);
    GrpcRunner runner = runner(port);
    for (int i = 0; i < 3; i++) {
      TryResult result = run(runner, call(body, CallContext.create()));
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isFalse();
    }
    assertThat(body.openings()).isZero();
    assertThat(runner.callsUnderWay()).isZero();
  }

  @Test
  void runnerThatDoesNotGreetItsClientWasNotSentTheCall() throws Exception {
    // Connections are made by the kernel, and nobody takes them: so it is when a runner hangs.
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      FakeBody body = FakeBody.of(1, 10);
      GrpcRunner runner = runner(hanging.getLocalPort());
      TryResult result = run(runner, call(body, CallContext.create()));
      assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
      assertThat(((TryResult.NotPlaced) result).isBusy()).isFalse();
      assertThat(body.openings()).isZero();
      assertThat(runner.callsUnderWay()).isZero();
    }
  }

  @Test
  void unresolvableNameIsNotPlaced() throws Exception {
    GrpcRunner runner =
        closing(
            new GrpcRunner(
                new RunnerAddress("no-such-host.invalid", 9190),
                loops,
                ChannelSecurity.plaintext(),
                stats));
    assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
        .isInstanceOf(TryResult.NotPlaced.class);
  }

  @Test
  void runnerToWhichNoChannelCanBeMadeWasNotSentTheCall() throws Exception {
    ChannelSecurity broken =
        builder -> {
          throw new IllegalStateException("no certificate just now");
        };
    GrpcRunner runner =
        closing(new GrpcRunner(new RunnerAddress("127.0.0.1", 1), loops, broken, stats));
    assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
        .isInstanceOfSatisfying(
            TryResult.NotPlaced.class,
            result -> assertThat(result.error()).hasMessageContaining("no certificate just now"));
    assertThat(runner.callsUnderWay()).isZero();
    assertThat(runner.status())
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("no certificate just now");
  }

  @Test
  void runnerThatComesBackIsUsedSoon() throws Exception {
    int port = FreePorts.next();
    ScriptedRunnerServer first =
        ScriptedRunnerServer.startOn(port, afterTry(stream -> finish(stream, OK)));
    toClose.add(first);
    GrpcRunner runner = runner(port);
    assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
        .isEqualTo(TryResult.ok());
    first.close();
    await()
        .untilAsserted(() ->
            assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
                .isInstanceOf(TryResult.NotPlaced.class));
    Thread.sleep(3_000);
    toClose.add(ScriptedRunnerServer.startOn(port, afterTry(stream -> finish(stream, OK))));
    await()
        .atMost(Duration.ofSeconds(8))
        .untilAsserted(() ->
            assertThat(run(runner, call(EmptyBody.create(), CallContext.create())))
                .isEqualTo(TryResult.ok()));
  }

  @Test
  void modelThatCannotBeWrittenIsFinal() throws Exception {
    ScriptedRunnerServer server = serve(afterTry(stream -> finish(stream, OK)));
    RunnerCall call = call(EmptyBody.create(), CallContext.create());
    Map<String, String> broken = new HashMap<>();
    broken.put(null, "value");
    call.model().config(broken);
    GrpcRunner runner = runner(server.port());
    TryResult result = run(runner, call);
    assertThat(result).isInstanceOf(TryResult.Placed.class);
    assertThat(((TryResult.Placed) result).error()).hasMessage("internal server error");
    assertThat(server.sessions).hasValue(0);
    assertThat(runner.callsUnderWay()).isZero();
  }

  @Test
  void cancelEndsTheAttemptAtOnceAndTheStreamOnTheRunner() throws Exception {
    ScriptedRunnerServer server =
        serve(
            afterTry(stream -> {
              // Never answers.
            }));
    CallContext attempt = CallContext.create();
    CompletableFuture<TryResult> result =
        start(runner(server.port()), call(EmptyBody.create(), attempt), attempt);
    await().untilAsserted(() -> assertThat(server.messages).isNotEmpty());
    attempt.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(10, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
    await().untilAsserted(() -> assertThat(server.cancelled).hasValue(1));
    assertThat(sink.isHeadWritten()).isFalse();
  }

  @Test
  void cancelledAttemptIsNotSent() throws Exception {
    ScriptedRunnerServer server = serve(afterTry(stream -> finish(stream, OK)));
    CallContext attempt = CallContext.create();
    attempt.cancel(CancelCause.DEADLINE);
    assertThat(
            start(runner(server.port()), call(EmptyBody.create(), attempt), attempt)
                .get(10, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.DEADLINE, false));
    assertThat(server.sessions).hasValue(0);
  }

  @Test
  void callThatWaitsForItsTurnOnAConnectionGoesOutThen() throws Exception {
    CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> first = new CompletableFuture<>();
    GrpcRunner runner = runner(oneAtATime(first).port());
    CompletableFuture<TryResult> running =
        start(runner, call(EmptyBody.create(), CallContext.create()), CallContext.create());
    ServerCall<ClientMsg, RunnerMsg> stream = first.get(10, TimeUnit.SECONDS);
    CompletableFuture<TryResult> waiting =
        start(runner, call(FakeBody.of(3, 25_000), CallContext.create()), CallContext.create());
    await().untilAsserted(() -> assertThat(runner.callsUnderWay()).isEqualTo(2));
    finish(stream, OK);
    assertThat(running.get(10, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
  }

  @Test
  void callThatWasHandedOverBeforeItsDeadlineMayLeaveAfterIt() throws Exception {
    CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> first = new CompletableFuture<>();
    GrpcRunner runner = runner(oneAtATime(first).port());
    CallContext other = CallContext.create();
    CompletableFuture<TryResult> running = start(runner, call(EmptyBody.create(), other), other);
    first.get(10, TimeUnit.SECONDS);
    // Nobody cancels it: gRPC looks at the time by itself.
    CallContext attempt =
        CallContext.withDeadline(System.nanoTime() + Duration.ofMillis(300).toNanos());
    assertThat(start(runner, call(EmptyBody.create(), attempt), attempt).get(10, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.DEADLINE, true));
    other.cancel(CancelCause.CLIENT_GONE);
    assertThat(running.get(10, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }

  /** A server that keeps its first call, and answers all that follow. */
  private ScriptedRunnerServer oneAtATime(CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> first)
      throws Exception {
    ScriptedRunnerServer server =
        ScriptedRunnerServer.oneAtATime((stream, message) -> {
          first.complete(stream);
          if (first.join() != stream && message.getData().getEof()) {
            finish(stream, OK);
          } else {
            stream.request(1);
          }
        });
    toClose.add(server);
    return server;
  }

  @Test
  void bodyThatFailsCutsTheStreamAndIsTheAnswer() throws Exception {
    ScriptedRunnerServer server = serve(afterBody(stream -> finish(stream, OK)));
    FakeBody body = FakeBody.failing(3, 1_000, InvocationErrors.bodyTooLarge(3_000));
    TryResult result = run(runner(server.port()), call(body, CallContext.create()));
    assertThat(((TryResult.Placed) result).error())
        .isInstanceOfSatisfying(FnException.class, e -> assertThat(e.code()).isEqualTo(413));
    await().untilAsserted(() -> assertThat(server.cancelled).hasValue(1));
    assertThat(server.messages).noneMatch(message -> message.getData().getEof());
  }

  @Test
  void bodyIsCommittedOnceTheRunnerHasTakenTheCall() throws Exception {
    ScriptedRunnerServer server =
        serve(
            afterTry(stream -> {
              Metadata taken = new Metadata();
              taken.put(EngageSession.TAKEN, "1");
              stream.sendHeaders(taken);
              stream.request(1_000);
            }));
    FakeBody body = FakeBody.of(1, 10);
    CallContext attempt = CallContext.create();
    CompletableFuture<TryResult> result =
        start(runner(server.port()), call(body, attempt), attempt);
    await().untilAsserted(() -> assertThat(body.isCommitted()).isTrue());
    assertThat(result).isNotDone();
    attempt.cancel(CancelCause.CLIENT_GONE);
    assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(TryResult.Abandoned.class);
  }

  @Test
  void bodyStaysReplayableAfterANack() throws Exception {
    ScriptedRunnerServer server =
        serve(afterTry(stream -> finish(stream, failure(503, "busy", false))));
    FakeBody body = FakeBody.of(2, 10);
    assertThat(run(runner(server.port()), call(body, CallContext.create())))
        .isInstanceOf(TryResult.NotPlaced.class);
    assertThat(body.isReplayable()).isTrue();
  }

  @Test
  void closeWaitsForCallsAndRefusesNewOnes() throws Exception {
    CompletableFuture<ServerCall<ClientMsg, RunnerMsg>> open = new CompletableFuture<>();
    ScriptedRunnerServer server = serve(afterTry(open::complete));
    GrpcRunner runner = runner(server.port());
    CompletableFuture<TryResult> running =
        start(runner, call(EmptyBody.create(), CallContext.create()), CallContext.create());
    ServerCall<ClientMsg, RunnerMsg> stream = open.get(10, TimeUnit.SECONDS);
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(() -> {
          try {
            runner.close(Duration.ofSeconds(30));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    await()
        .untilAsserted(() -> {
          TryResult refused = run(runner, call(EmptyBody.create(), CallContext.create()));
          assertThat(refused).isInstanceOf(TryResult.NotPlaced.class);
          assertThat(((TryResult.NotPlaced) refused).error()).hasMessage("Runner is closed");
        });
    assertThat(closed).isNotDone();
    finish(stream, OK);
    assertThat(running.get(10, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    closed.get(10, TimeUnit.SECONDS);
  }

  @Test
  void bytesInMemoryAreSentToo() throws Exception {
    ScriptedRunnerServer server = serve(afterBody(stream -> finish(stream, OK)));
    RequestBody body = BytesBody.of("payload".getBytes(StandardCharsets.UTF_8));
    assertThat(run(runner(server.port()), call(body, CallContext.create())))
        .isEqualTo(TryResult.ok());
    assertThat(new String(server.frames().get(0), StandardCharsets.UTF_8)).isEqualTo("payload");
    assertThat(server.messages.get(1).getData().getEof()).isTrue();
  }

  // --- helpers

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

  private ScriptedRunnerServer serve(ScriptedRunnerServer.Script script) throws Exception {
    ScriptedRunnerServer server = ScriptedRunnerServer.start(script);
    toClose.add(server);
    return server;
  }

  private GrpcRunner runner(int port) {
    return closing(
        new GrpcRunner(
            new RunnerAddress("127.0.0.1", port), loops, ChannelSecurity.plaintext(), stats));
  }

  private GrpcRunner closing(GrpcRunner runner) {
    toClose.add(0, () -> runner.close(Duration.ZERO));
    return runner;
  }

  private RunnerCall call(RequestBody body, CallContext context) {
    return TestCalls.call(TestCalls.invocation(loops.loops().get(0), sink, body, context));
  }

  private static TryResult run(GrpcRunner runner, RunnerCall call) throws Exception {
    return start(runner, call, call.context().child()).get(20, TimeUnit.SECONDS);
  }

  private static CompletableFuture<TryResult> start(
      GrpcRunner runner, RunnerCall call, CallContext attempt) {
    CompletableFuture<TryResult> result = new CompletableFuture<>();
    call.eventLoop().execute(() -> runner.tryExec(call, attempt, result::complete));
    return result;
  }

  private static ScriptedRunnerServer.Script afterTry(
      java.util.function.Consumer<ServerCall<ClientMsg, RunnerMsg>> action) {
    return (stream, message) -> {
      if (message.hasTry()) {
        action.accept(stream);
      }
      stream.request(1);
    };
  }

  private static ScriptedRunnerServer.Script afterBody(
      java.util.function.Consumer<ServerCall<ClientMsg, RunnerMsg>> action) {
    return (stream, message) -> {
      if (message.getData().getEof()) {
        action.accept(stream);
      }
      stream.request(1);
    };
  }

  private static void send(ServerCall<ClientMsg, RunnerMsg> stream, RunnerMsg... messages) {
    stream.sendHeaders(new Metadata());
    for (RunnerMsg each : messages) {
      stream.sendMessage(each);
    }
  }

  private static void end(ServerCall<ClientMsg, RunnerMsg> stream, Status status) {
    stream.close(status, new Metadata());
  }

  private static void finish(ServerCall<ClientMsg, RunnerMsg> stream, RunnerMsg message) {
    send(stream, message);
    end(stream, Status.OK);
  }

  private static RunnerMsg finished(CallFinished.Builder finished) {
    return RunnerMsg.newBuilder().setFinished(finished).build();
  }

  private static RunnerMsg failure(int code, String text, boolean user) {
    return finished(
        CallFinished.newBuilder().setErrorCode(code).setErrorStr(text).setErrorUser(user));
  }

  private static RunnerMsg head(int status, String... header) {
    HttpRespMeta.Builder meta = HttpRespMeta.newBuilder().setStatusCode(status);
    for (int i = 0; i < header.length; i += 2) {
      meta.addHeaders(HttpHeader.newBuilder().setKey(header[i]).setValue(header[i + 1]));
    }
    return RunnerMsg.newBuilder()
        .setResultStart(CallResultStart.newBuilder().setHttp(meta))
        .build();
  }

  private static RunnerMsg data(String text) {
    return RunnerMsg.newBuilder()
        .setData(DataFrame.newBuilder().setData(ByteString.copyFromUtf8(text)))
        .build();
  }
}
