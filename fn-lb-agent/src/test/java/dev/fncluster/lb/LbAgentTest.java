package dev.fncluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.SlotHash;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.testing.WaitingThread;
import dev.fncluster.placer.PlacerSettings;
import dev.fncluster.placer.PlacerStats;
import dev.fncluster.placer.RetryingPlacer;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeBody;
import dev.fncluster.runnerpool.fake.FakePool;
import dev.fncluster.runnerpool.fake.FakeRunner;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.AgentViews;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.BucketBoundaries;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LbAgentTest {
  private static final PlacerSettings PLACER =
      PlacerSettings.from(
          Settings.of(
              Map.of(
                  "FN_PLACER_TIMEOUT_MSECS", "360000", "FN_DETACHED_PLACER_TIMEOUT_MSECS", "300")));

  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RecordingSink sink = new RecordingSink();
  private final CallContext context = CallContext.create();
  private final List<CallOverrider> overriders = new ArrayList<>();
  private RequestBody body = EmptyBody.create();
  private CallType type = CallType.SYNC;
  private Duration headroom = Duration.ofSeconds(30);

  private Duration extensionLimit = ExtensionRunner.DEFAULT_LIMIT;

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void oneRunnerExecutesTheCall() throws Exception {
    CompletableFuture<RunnerCall> seen = new CompletableFuture<>();
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              assertThat(call.model().status()).isEqualTo("running");
              assertThat(call.model().startedAt()).isNotNull();
              call.addUserExecutionTime(Duration.ofMillis(7));
              seen.complete(call);
              done.done(TryResult.ok());
            });
    FakeBody watched = FakeBody.of(1, 1);
    body = watched;
    assertThat(submit(agent(FakePool.of(runner))).get(20, TimeUnit.SECONDS)).isEmpty();
    RunnerCall call = seen.get();
    assertThat(call.slotHashId()).isEqualTo("00ff");
    assertThat(call.model().status()).isEqualTo("success");
    assertThat(call.model().completedAt()).isNotNull();
    assertThat(call.model().executionNanos()).isEqualTo(7_000_000);
    assertThat(sink.status()).isEqualTo(200);
    assertThat(watched.isClosed()).isTrue();
    assertThat(count("fn_calls")).isEqualTo(1);
    assertThat(count("fn_completed")).isEqualTo(1);
    assertThat(meters.get("fn_running").gauge().value()).isZero();
    assertThat(meters.get("fn_queued").gauge().value()).isZero();
    assertThat(meters.get("fn_lb_call_latency").tag("call_status", "completed").summary().count())
        .isEqualTo(1);
  }

  @Test
  void deadlineThatHasPassedIsAnErrorAndNothingIsTried() throws Exception {
    FakeRunner runner = FakeRunner.answering("a", TryResult.ok());
    context.cancel(CancelCause.DEADLINE);
    assertCode(submit(agent(FakePool.of(runner))), 503);
    assertThat(runner.attempts()).isZero();
    assertThat(count("fn_server_busy")).isEqualTo(1);
  }

  @Test
  void moreCallsThanSlotsWithinTheDeadlineFailSome() throws Exception {
    LbAgent agent =
        agent(
            FakePool.of(
                FakeRunner.working("a", 1, Duration.ofMillis(500)),
                FakeRunner.working("b", 1, Duration.ofMillis(500))));
    List<CompletableFuture<Optional<Throwable>>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(submit(agent, invocation(new RecordingSink(), context)));
    }
    CompletableFuture.anyOf(calls.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
    context.cancel(CancelCause.DEADLINE);
    int failed = 0;
    int succeeded = 0;
    for (CompletableFuture<Optional<Throwable>> each : calls) {
      if (each.get(20, TimeUnit.SECONDS).isPresent()) {
        failed++;
      } else {
        succeeded++;
      }
    }
    assertThat(failed).isPositive();
    assertThat(succeeded).isPositive();
  }

  @Test
  void clientThatLeavesCancelsTheAttemptAtOnce() throws Exception {
    CompletableFuture<CancelCause> cause = new CompletableFuture<>();
    FakeRunner runner = holding(cause, new CompletableFuture<>());
    CompletableFuture<Optional<Throwable>> answer = submit(agent(FakePool.of(runner)));
    await().untilAsserted(() -> assertThat(runner.attempts()).isEqualTo(1));
    context.cancel(CancelCause.CLIENT_GONE);
    assertCode(answer, 444);
    assertThat(cause.get(20, TimeUnit.SECONDS)).isEqualTo(CancelCause.CLIENT_GONE);
    assertThat(count("fn_canceled")).isEqualTo(1);
  }

  @Test
  void errorsKeepTheirCode() throws Exception {
    FakeRunner runner = FakeRunner.answering("a", TryResult.failed(InvocationErrors.callTimeout()));
    assertCode(submit(agent(FakePool.of(runner))), 504);
    assertThat(count("fn_errors")).isEqualTo(1);
    assertThat(sink.isHeadWritten()).isFalse();
  }

  @Test
  void modelWithoutAValidSlotKeyIsAnInternalError() throws Exception {
    FakeRunner runner = FakeRunner.answering("a", TryResult.ok());
    Invocation broken = invocation(sink, context);
    Map<String, String> config = new HashMap<>();
    config.put(null, "value");
    broken.call().config(config);
    Invocation withoutKey =
        new Invocation(broken.call(), "", Map.of(), body, sink, context, broken.eventLoop());
    assertCode(submit(agent(FakePool.of(runner)), withoutKey), 500);
    assertThat(runner.attempts()).isZero();
    assertThat(meters.get("fn_queued").gauge().value()).isZero();
  }

  @Test
  void overridersChangeTheCallOnAVirtualThreadAndItsSlotKeyFollows() throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    overriders.add((call, extensions) -> {
      thread.complete(Thread.currentThread());
      call.memory(512);
      return Map.of("first", extensions.getOrDefault("key", ""));
    });
    overriders.add((call, extensions) -> Map.of("second", extensions.getOrDefault("first", "")));
    CompletableFuture<RunnerCall> seen = new CompletableFuture<>();
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              seen.complete(call);
              done.done(TryResult.ok());
            });
    assertThat(submit(agent(FakePool.of(runner))).get(20, TimeUnit.SECONDS)).isEmpty();
    RunnerCall call = seen.get();
    assertThat(thread.get().isVirtual()).isTrue();
    assertThat(call.extensions()).isEqualTo(Map.of("second", "value"));
    assertThat(call.slotHashId())
        .isEqualTo(
            SlotHash.hex(call.model(), call.model().configWith(SlotHash.CONTAINER_CONFIG), ""));
  }

  @Test
  void overriderMayMakeTheCallDetached() throws Exception {
    overriders.add((call, extensions) -> {
      call.type(CallType.DETACHED);
      return extensions;
    });
    FakeRunner runner = FakeRunner.answering("a", TryResult.ok());
    assertThat(submit(agent(FakePool.of(runner))).get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(sink.status()).isEqualTo(202);
  }

  @Test
  void overriderMayRefuseAndItsBugsAreInternalErrors() throws Exception {
    List<RuntimeException> refusals =
        new ArrayList<>(
            List.of(new ServiceException(403, "not you"), new IllegalStateException("bug")));
    overriders.add((call, extensions) -> {
      throw refusals.removeFirst();
    });
    FakeRunner runner = FakeRunner.answering("a", TryResult.ok());
    LbAgent agent = agent(FakePool.of(runner));
    assertCode(submit(agent), 403);
    assertCode(submit(agent), 500);
    assertThat(runner.attempts()).isZero();
    assertThat(meters.get("fn_queued").gauge().value()).isZero();
  }

  @Test
  void detachedCallIsAnsweredWhenARunnerTakesItAndGoesOnWithoutItsCaller() throws Exception {
    type = CallType.DETACHED;
    CompletableFuture<TryCompletion> taken = new CompletableFuture<>();
    CompletableFuture<CancelCause> cause = new CompletableFuture<>();
    CompletableFuture<RunnerCall> seen = new CompletableFuture<>();
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              readAll(call.requestBody());
              call.requestBody().commit();
              call.response().head(202, new Headers().add("X-A", "1").add("Content-Length", "9"));
              attempt.onCancel(cause::complete);
              seen.complete(call);
              taken.complete(done);
            });
    body = FakeBody.of(3, 10);
    assertThat(submit(agent(FakePool.of(runner))).get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(sink.status()).isEqualTo(202);
    assertThat(sink.headers()).isEqualTo(new Headers().add("X-A", "1").add("Content-Length", "0"));
    context.cancel(CancelCause.CLIENT_GONE);
    TryCompletion done = taken.get(20, TimeUnit.SECONDS);
    onLoop(() -> {
      seen.join().response().data(Unpooled.copiedBuffer(new byte[3]));
      done.done(TryResult.ok());
    });
    assertThat(cause.get()).isEqualTo(CancelCause.ATTEMPT_OVER);
    assertThat(seen.get().model().status()).isEqualTo("success");
    assertThat(sink.size()).isZero();
  }

  @Test
  void detachedCallIsNotAnsweredBeforeItsBodyWasRead() throws Exception {
    type = CallType.DETACHED;
    CompletableFuture<RunnerCall> seen = new CompletableFuture<>();
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              call.response().head(202, new Headers());
              seen.complete(call);
            });
    FakeBody watched = FakeBody.of(3, 10);
    body = watched;
    CompletableFuture<Optional<Throwable>> answer = submit(agent(FakePool.of(runner)));
    RunnerCall call = seen.get(20, TimeUnit.SECONDS);
    // All that the head brought about runs on the loop, and so before this.
    onLoop(() -> {
      assertThat(answer).isNotDone();
      assertThat(watched.isClosed()).isFalse();
    });
    onLoop(() -> readAll(call.requestBody()));
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void detachedCallThatRanToItsEndAnswersWithItsStatusAndWithoutItsBody() throws Exception {
    type = CallType.DETACHED;
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              readAll(call.requestBody());
              call.response().head(200, new Headers().add("Content-Length", "3"));
              call.response().data(Unpooled.copiedBuffer(new byte[3]));
              done.done(TryResult.ok());
            });
    assertThat(submit(agent(FakePool.of(runner))).get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(sink.status()).isEqualTo(200);
    assertThat(sink.headers().first("Content-Length")).isEqualTo("0");
    assertThat(sink.size()).isZero();
  }

  @Test
  void detachedCallWhoseBodyBreaksOffIsAnsweredWithTheReasonThoughARunnerTookIt() throws Exception {
    type = CallType.DETACHED;
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              call.response().head(202, new Headers());
              done.done(TryResult.failed(InvocationErrors.bodyTooLarge(5)));
            });
    assertCode(submit(agent(FakePool.of(runner))), 413);
    assertThat(sink.isHeadWritten()).isFalse();
  }

  @Test
  void detachedCallWhoseClientLeavesBeforeItsBodyIsWholeIsCancelled() throws Exception {
    type = CallType.DETACHED;
    FakeRunner runner =
        FakeRunner.answering("a", TryResult.failed(InvocationErrors.clientCancelled()));
    assertCode(submit(agent(FakePool.of(runner))), 444);
    assertThat(count("fn_canceled")).isEqualTo(1);
    assertThat(count("fn_errors")).isZero();
  }

  @Test
  void detachedCallWithoutARunnerIsBusyAfterItsOwnTimeout() throws Exception {
    type = CallType.DETACHED;
    long start = System.nanoTime();
    assertCode(submit(agent(FakePool.of(FakeRunner.answering("a", TryResult.busy())))), 503);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(290));
  }

  @Test
  void detachedCallThatIsRefusedHearsWhy() throws Exception {
    type = CallType.DETACHED;
    FakeRunner runner =
        FakeRunner.answering("a", TryResult.failed(InvocationErrors.detachUnsupported()));
    assertCode(submit(agent(FakePool.of(runner))), 501);
  }

  @Test
  void detachedCallEndsAtItsTotalDeadline() throws Exception {
    type = CallType.DETACHED;
    headroom = Duration.ofMillis(100);
    CompletableFuture<CancelCause> cause = new CompletableFuture<>();
    FakeRunner runner = holding(cause, new CompletableFuture<>());
    Invocation invocation = invocation(sink, context);
    invocation.call().timeout(0);
    Optional<Throwable> error =
        submit(agent(FakePool.of(runner)), invocation).get(20, TimeUnit.SECONDS);
    assertThat(error)
        .hasValueSatisfying(e ->
            assertThat(e).hasMessage("Unable to service the request for the reservation period"));
    assertThat(cause.get()).isEqualTo(CancelCause.DEADLINE);
    assertThat(count("fn_timeouts")).isEqualTo(1);
  }

  @Test
  void closeWaitsForCallsAndRefusesNewOnes() throws Exception {
    CompletableFuture<TryCompletion> running = new CompletableFuture<>();
    FakePool pool = FakePool.of(holding(new CompletableFuture<>(), running));
    LbAgent agent = agent(pool);
    CompletableFuture<Optional<Throwable>> answer = submit(agent);
    TryCompletion done = running.get(20, TimeUnit.SECONDS);
    Future<Void> closed = close(agent, Duration.ofSeconds(30));
    assertThat(submit(agent).get(20, TimeUnit.SECONDS)).isPresent();
    assertThat(closed.isDone()).isFalse();
    assertThat(pool.isShutDown()).isFalse();
    loops.loops().get(0).execute(() -> done.done(TryResult.ok()));
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEmpty();
    closed.get(20, TimeUnit.SECONDS);
    assertThat(pool.isShutDown()).isTrue();
    assertThat(count("fn_server_busy")).isPositive();
    assertThat(meters.get("fn_lb_call_latency").tag("call_status", "server_busy").summary().count())
        .isEqualTo((long) count("fn_server_busy"));
    assertThat(count("fn_calls")).isEqualTo(count("fn_completed") + count("fn_server_busy"));
  }

  @Test
  void closeCancelsWhatStillRunsAfterTheGrace() throws Exception {
    CompletableFuture<CancelCause> cause = new CompletableFuture<>();
    FakePool pool = FakePool.of(holding(cause, new CompletableFuture<>()));
    LbAgent agent = agent(pool);
    CompletableFuture<Optional<Throwable>> answer = submit(agent);
    await().untilAsserted(() -> assertThat(pool.asked()).isEqualTo(1));
    close(agent, Duration.ofMillis(50)).get(20, TimeUnit.SECONDS);
    assertThat(cause.get(20, TimeUnit.SECONDS)).isEqualTo(CancelCause.SHUTDOWN);
    assertCode(answer, 500);
    assertThat(pool.isShutDown()).isTrue();
  }

  @Test
  void aPoolThatDoesNotShutDownHoldsNobodyUp() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    RunnerPool hanging =
        new RunnerPool() {
          @Override
          public RunnerList runners(RunnerCall call) {
            return RunnerList.of(List.of());
          }

          @Override
          public void shutdown(Duration grace) throws InterruptedException {
            try {
              new CountDownLatch(1).await();
            } finally {
              interrupted.countDown();
            }
          }
        };
    extensionLimit = Duration.ofMillis(1);
    Future<Void> closed = close(agent(hanging), Duration.ZERO);
    assertThatThrownBy(() -> closed.get(60, TimeUnit.SECONDS))
        .hasRootCauseMessage("an extension of this server failed");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void functionErrorOfAPoolEndsTheCall() throws Exception {
    FakePool pool =
        FakePool.blocking(asked -> {
          throw new FunctionException(502, "no such group");
        });
    assertCode(submit(agent(pool)), 502);
  }

  private static FakeRunner holding(
      CompletableFuture<CancelCause> cause, CompletableFuture<TryCompletion> running) {
    return new FakeRunner(
        "a",
        (call, attempt, done) -> {
          attempt.onCancel(why -> {
            if (cause.complete(why) && why != CancelCause.ATTEMPT_OVER) {
              call.eventLoop().execute(() -> done.done(new TryResult.Abandoned(why, true)));
            }
          });
          running.complete(done);
        });
  }

  private static void readAll(RequestBody body) {
    List<Boolean> ended = new ArrayList<>();
    dev.fncluster.api.call.BodyReader reader =
        body.open(
            new dev.fncluster.api.call.BodyConsumer() {
              @Override
              public void chunk(io.netty.buffer.ByteBuf data, boolean last) {
                data.release();
                if (last) {
                  ended.add(true);
                }
              }

              @Override
              public void failed(Throwable cause) {
                throw new IllegalStateException(cause);
              }
            });
    while (ended.isEmpty()) {
      reader.request();
    }
  }

  private LbAgent agent(RunnerPool pool) {
    ViewRegistry registry = new ViewRegistry(meters);
    Aggregation.Distribution latency =
        Aggregation.Distribution.create(BucketBoundaries.create(List.of(1.0, 10.0)));
    registry.register(AgentViews.create(List.of()));
    registry.register(LbStats.views(List.of(), latency));
    return new LbAgent(
        pool,
        new RetryingPlacer(
            PLACER,
            PLACER.policy(),
            new PlacerStats(registry),
            new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT)),
        new LbAgentSettings(PLACER.detachedTimeout(), headroom, ""),
        new CallExtensions(overriders, new ExtensionRunner(extensionLimit)),
        AgentMeters.of(registry),
        new LbStats(registry),
        InstantSource.system());
  }

  private Invocation invocation(RecordingSink to, CallContext callContext) {
    Invocation invocation = TestCalls.invocation(loops.loops().get(0), to, body, callContext);
    invocation.call().type(type);
    return invocation;
  }

  private CompletableFuture<Optional<Throwable>> submit(LbAgent agent) {
    return submit(agent, invocation(sink, context));
  }

  private static CompletableFuture<Optional<Throwable>> submit(
      LbAgent agent, Invocation invocation) {
    CompletableFuture<Optional<Throwable>> answer = new CompletableFuture<>();
    invocation
        .eventLoop()
        .execute(() -> agent.submit(invocation, e -> answer.complete(Optional.ofNullable(e))));
    return answer;
  }

  private void onLoop(Runnable action) throws Exception {
    loops.loops().get(0).submit(action).get(20, TimeUnit.SECONDS);
  }

  private static Future<Void> close(LbAgent agent, Duration grace) {
    return WaitingThread.start(() -> agent.close(grace));
  }

  private static void assertCode(CompletableFuture<Optional<Throwable>> answer, int code)
      throws Exception {
    assertThat(answer.get(20, TimeUnit.SECONDS))
        .hasValueSatisfying(e ->
            assertThat(e)
                .isInstanceOfSatisfying(
                    FnException.class, known -> assertThat(known.code()).isEqualTo(code)));
  }

  private double count(String name) {
    return meters.get(name).counter().count();
  }
}
