package dev.fncluster.placer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.Runner;
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
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.BucketBoundaries;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The loop of attempts, in time that the test moves on. */
@Timeout(60)
class RetryingPlacerTest {
  private static final PlacerSettings SETTINGS =
      PlacerSettings.from(
          Settings.of(
              Map.of("FN_PLACER_TIMEOUT_MSECS", "500", "FN_DETACHED_PLACER_TIMEOUT_MSECS", "300")));

  private static final ExtensionRunner EXTENSIONS =
      new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CallContext context = CallContext.create();
  private RequestBody body = EmptyBody.create();
  private CallType type = CallType.SYNC;
  private long now = 1;
  private long dice;
  private @Nullable TryResult result;

  private final PlacerClock clock =
      new PlacerClock() {
        @Override
        public long nanoTime() {
          return now;
        }

        @Override
        public long random() {
          return dice++;
        }
      };

  /** Case EmptyList_UserError. */
  @Test
  void emptyPoolWithA502OfTheFunctionEndsAtOnce() {
    FunctionException error = new FunctionException(502, "no capacity for you");
    FakePool pool = FakePool.answering(asked -> RunnerList.failed(error));
    place(pool);
    assertThat(result).isEqualTo(new TryResult.NotPlaced(error));
    assertThat(pool.asked()).isEqualTo(1);
    assertThat(context.isCancelled()).isFalse();
    assertThat(count("fn_lb_placer_rp_error_count")).isEqualTo(1);
    assertThat(count("fn_lb_placer_rp_empty_count")).isEqualTo(1);
  }

  /** Case EmptyList_NoError. */
  @Test
  void emptyPoolIsWaitedForUntilThePlacersTimeout() {
    FakePool pool = FakePool.of();
    place(pool);
    pass(499);
    assertThat(result).isNull();
    pass(2);
    assertBusy();
    assertThat(pool.asked()).isBetween(45, 51);
    assertThat(count("fn_lb_placer_timeout_count")).isEqualTo(1);
  }

  /** Case EmptyList_WithServiceError. */
  @Test
  void emptyPoolWithAnotherErrorIsWaitedForAndTheErrorReported() {
    ServiceException error = new ServiceException(500, "Unable to find the call handle");
    FakePool pool = FakePool.answering(asked -> RunnerList.failed(error));
    place(pool);
    pass(501);
    assertThat(result).isEqualTo(new TryResult.NotPlaced(error));
    assertThat(pool.asked()).isGreaterThan(1);
  }

  @ParameterizedTest
  @MethodSource("errorsThatMayPass")
  void noOtherErrorEndsTheSearchUnlessThePoolSaysSo(FnException error) {
    FakeRunner late = FakeRunner.answering("a", TryResult.ok());
    FakePool passing =
        FakePool.answering(
            asked -> asked < 2 ? RunnerList.failed(error) : RunnerList.of(List.of(late)));
    place(passing);
    assertThat(result).isNull();
    pass(100);
    assertThat(result).as("placed when the error had passed").isEqualTo(TryResult.ok());
    assertThat(count("fn_lb_placer_rp_error_count")).isZero();
  }

  @ParameterizedTest
  @MethodSource("errorsThatMayPass")
  void everyErrorEndsTheSearchAtOnceWhenThePoolSaysThatItIsDefinite(FnException error) {
    FakePool pool = FakePool.answering(asked -> RunnerList.refused(error));
    place(pool);
    assertThat(result).isEqualTo(new TryResult.NotPlaced(error));
    assertThat(pool.asked()).isEqualTo(1);
    assertThat(count("fn_lb_placer_rp_error_count")).isEqualTo(1);
  }

  private static List<FnException> errorsThatMayPass() {
    return List.of(
        new FunctionException(404, "no such group"),
        new FunctionException(503, "your group is full"),
        new ServiceException(500, "source does not answer"),
        new ServiceException(502, "bad gateway of ours"));
  }

  @Test
  void definiteErrorWithRunnersIsHeardOnlyWhenNoneTakesTheCall() {
    FunctionException error = new FunctionException(502, "no more for you");
    FakeRunner full = busy("a");
    FakePool pool = FakePool.answering(asked -> RunnerList.withError(List.of(full), error));
    place(pool);
    assertThat(result).isNull();
    pass(501);
    assertThat(result).isEqualTo(new TryResult.NotPlaced(error));
    assertThat(full.attempts()).isGreaterThan(1);
  }

  /** Case SimpleList_UserError. */
  @Test
  void runnersThatRefuseTwiceThenA502() {
    FunctionException error = new FunctionException(502, "gone");
    FakeRunner a = busy("a");
    FakeRunner b = busy("b");
    FakePool pool =
        FakePool.answering(
            asked -> asked < 2 ? RunnerList.of(List.of(a, b)) : RunnerList.failed(error));
    place(pool);
    pass(100);
    assertThat(result).isEqualTo(new TryResult.NotPlaced(error));
    assertThat(pool.asked()).isEqualTo(3);
    assertThat(a.attempts()).isEqualTo(2);
    assertThat(b.attempts()).isEqualTo(2);
    assertThat(count("fn_lb_placer_retry_busy_count")).isEqualTo(4);
  }

  /** Case SimpleList_NoError. */
  @Test
  void runnersThatRefuseAreTriedInTurnUntilThePlacersTimeout() {
    FakeRunner a = busy("a");
    FakeRunner b = busy("b");
    place(FakePool.of(a, b));
    pass(501);
    assertBusy();
    assertThat(a.attempts()).isGreaterThan(10);
    assertThat(Math.abs(a.attempts() - b.attempts())).isLessThanOrEqualTo(1);
  }

  @Test
  void detachedCallsHaveATimeoutOfTheirOwn() {
    type = CallType.DETACHED;
    place(FakePool.of(busy("a")));
    pass(299);
    assertThat(result).isNull();
    pass(2);
    assertBusy();
  }

  @Test
  void unreachableRunnersAreBusyInTheEnd() {
    FakeRunner down =
        FakeRunner.answering("a", new TryResult.NotPlaced(new IllegalStateException("down")));
    place(FakePool.of(down));
    pass(501);
    assertBusy();
    assertThat(count("fn_lb_placer_retry_error_count")).isEqualTo(down.attempts());
  }

  @Test
  void runnersThatComeWithAnErrorAreTried() {
    FakeRunner good = FakeRunner.answering("a", TryResult.ok());
    RunnerList both = RunnerList.withError(List.of(good), new ServiceException(500, "half dead"));
    place(FakePool.answering(asked -> both));
    assertThat(result).isEqualTo(TryResult.ok());
  }

  @Test
  void placedErrorIsFinal() {
    FakeRunner failing =
        FakeRunner.answering("a", TryResult.failed(InvocationErrors.callTimeout()));
    FakeRunner other = FakeRunner.answering("b", TryResult.ok());
    dice = 0;
    place(FakePool.of(failing, other));
    assertThat(((TryResult.Placed) done()).error()).hasMessage("Timed out");
    assertThat(failing.attempts() + other.attempts()).isEqualTo(1);
    assertThat(count("fn_lb_placer_placed_error_count")).isEqualTo(1);
  }

  @Test
  void fullRunnerSpillsToTheOther() {
    FakeRunner full = busy("a");
    FakeRunner free = FakeRunner.answering("b", TryResult.ok());
    dice = 0;
    place(FakePool.of(full, free));
    assertThat(result).isEqualTo(TryResult.ok());
    assertThat(full.attempts()).isEqualTo(1);
    assertThat(count("fn_lb_placer_placed_ok_count")).isEqualTo(1);
  }

  @Test
  void clientThatLeavesInThePauseEndsTheSearchAtOnce() {
    FakePool pool = FakePool.of();
    place(pool);
    context.cancel(CancelCause.CLIENT_GONE);
    channel.runPendingTasks();
    assertThat(result).isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, false));
    assertThat(count("fn_lb_placer_client_cancelled_count")).isEqualTo(1);
    int asked = pool.asked();
    pass(100);
    assertThat(pool.asked()).isEqualTo(asked);
  }

  @Test
  void aClientWhoseBodyBreaksOffHasLeftThoughItsContextDoesNotSaySo() {
    place(
        FakePool.of(
            FakeRunner.answering("a", TryResult.failed(InvocationErrors.clientCancelled()))));
    assertThat(result).isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
    assertThat(context.cause()).isNull();
    assertThat(count("fn_lb_placer_placed_abort_count")).isEqualTo(1);
    assertThat(count("fn_lb_placer_client_cancelled_count")).isEqualTo(1);
    assertThat(count("fn_lb_placer_placed_error_count")).isZero();
  }

  @Test
  void aDeadlineThatTheRunnerNoticesFirstIsCountedToo() {
    place(
        FakePool.of(
            FakeRunner.answering("a", new TryResult.Abandoned(CancelCause.DEADLINE, true))));
    assertThat(context.cause()).isNull();
    assertThat(count("fn_lb_placer_placed_abort_count")).isEqualTo(1);
    assertThat(count("fn_lb_placer_client_timeout_count")).isEqualTo(1);
  }

  @Test
  void attemptsEndWithTheClient() {
    List<CallContext> attempts = new ArrayList<>();
    place(FakePool.of(abandoning(attempts)));
    assertThat(result).isNull();
    context.cancel(CancelCause.DEADLINE);
    assertThat(result).isEqualTo(new TryResult.Abandoned(CancelCause.DEADLINE, true));
    assertThat(count("fn_lb_placer_placed_abort_count")).isEqualTo(1);
    assertThat(count("fn_lb_placer_client_timeout_count")).isEqualTo(1);
  }

  @Test
  void placersTimeoutDoesNotInterruptExecution() {
    List<TryCompletion> running = new ArrayList<>();
    FakeRunner slow = new FakeRunner("a", (call, attempt, done) -> running.add(done));
    place(FakePool.of(slow));
    pass(5_000);
    assertThat(result).isNull();
    running.get(0).done(TryResult.ok());
    assertThat(result).isEqualTo(TryResult.ok());
    assertThat(count("fn_lb_placer_timeout_count")).isZero();
  }

  @Test
  void attemptContextEndsWithTheAttempt() {
    List<CallContext> attempts = new ArrayList<>();
    FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              attempts.add(attempt);
              done.done(TryResult.ok());
            });
    place(FakePool.of(runner));
    assertThat(attempts.get(0).cause()).isEqualTo(CancelCause.ATTEMPT_OVER);
    assertThat(context.isCancelled()).isFalse();
  }

  @Test
  void bodyThatCannotBeSentAgainEndsTheSearch() {
    FakeBody once = FakeBody.of(1, 1);
    body = once;
    FakeRunner greedy =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              call.requestBody().commit();
              done.done(TryResult.busy());
            });
    FakeRunner other = FakeRunner.answering("b", TryResult.ok());
    dice = 0;
    place(FakePool.of(greedy, other));
    assertBusy();
    assertThat(other.attempts()).isZero();
  }

  @Test
  void manyRunnersThatRefuseAtOnceDoNotFillTheStack() {
    List<Runner> many = new ArrayList<>(Collections.nCopies(50_000, busy("a")));
    RunnerList list = RunnerList.of(many);
    place(FakePool.answering(asked -> list));
    pass(501);
    assertBusy();
  }

  @Test
  void runnerThatThrowsIsFinalBecauseNobodyKnowsWhatItDid() {
    FakeRunner broken =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              throw new IllegalStateException("bug");
            });
    place(FakePool.of(broken));
    assertThat(((TryResult.Placed) done()).error())
        .hasMessage("an extension of this server failed");
  }

  @Test
  void poolThatThrowsIsAPoolError() {
    place(
        FakePool.answering(asked -> {
          throw new FunctionException(502, "thrown");
        }));
    assertThat(((TryResult.NotPlaced) done()).error()).hasMessage("thrown");
  }

  @Test
  @SuppressWarnings("NullAway") // What a pool compiled without checks may do.
  void poolThatReturnsNullFailsTheCallInTheEnd() {
    place(FakePool.answering(asked -> null));
    pass(501);
    assertThat(((TryResult.NotPlaced) done()).error()).hasMessage("internal server error");
  }

  @Test
  void poolOfAnotherVersionFailsTheCallInTheEnd() {
    place(
        FakePool.answering(asked -> {
          throw new NoSuchMethodError("gone");
        }));
    pass(501);
    assertThat(((TryResult.NotPlaced) done()).error()).hasMessage("internal server error");
  }

  @Test
  void blockingPoolIsAskedOnAVirtualThreadAndTheCallComesBackToItsLoop() throws Exception {
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      CompletableFuture<Thread> asking = new CompletableFuture<>();
      CompletableFuture<Thread> trying = new CompletableFuture<>();
      FakeRunner runner =
          new FakeRunner(
              "a",
              (call, attempt, done) -> {
                trying.complete(Thread.currentThread());
                done.done(TryResult.ok());
              });
      FakePool pool =
          FakePool.blocking(asked -> {
            asking.complete(Thread.currentThread());
            return RunnerList.of(List.of(runner));
          });
      assertThat(placeReally(loops, pool).get(60, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
      assertThat(asking.get().isVirtual()).isTrue();
      assertThat(trying.get().getName()).startsWith("test-loop");
    }
  }

  @Test
  void poolThatHangsIsGivenUpAtThePlacersTimeoutAndForTheClient() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (EventLoops loops = EventLoops.create(1, "test-loop")) {
      RunnerPool hanging =
          FakePool.blocking(asked -> {
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return RunnerList.of(List.of());
          });
      TryResult late = placeReally(loops, hanging).get(60, TimeUnit.SECONDS);
      assertThat(((TryResult.NotPlaced) late).isBusy()).isTrue();
      CompletableFuture<TryResult> left = placeReally(loops, hanging);
      context.cancel(CancelCause.CLIENT_GONE);
      assertThat(left.get(60, TimeUnit.SECONDS))
          .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, false));
      // An answer that comes too late is dropped.
      never.countDown();
    }
  }

  @Test
  void attemptsAndLatencyAreMeasured() {
    FakeRunner full = busy("a");
    FakePool pool =
        FakePool.answering(asked ->
            RunnerList.of(List.of(asked < 3 ? full : FakeRunner.answering("b", TryResult.ok()))));
    place(pool);
    pass(50);
    assertThat(result).isEqualTo(TryResult.ok());
    assertThat(meters.get("fn_lb_placer_attempt_count").summary().totalAmount()).isEqualTo(4);
    assertThat(meters.get("fn_lb_placer_latency").summary().totalAmount()).isBetween(29.0, 33.0);
  }

  private CompletableFuture<TryResult> placeReally(EventLoops loops, RunnerPool pool) {
    CompletableFuture<TryResult> answer = new CompletableFuture<>();
    RetryingPlacer placer =
        new RetryingPlacer(
            SETTINGS, SETTINGS.policy(), new PlacerStats(new ViewRegistry(meters)), EXTENSIONS);
    RunnerCall call =
        TestCalls.call(
            TestCalls.invocation(loops.loops().get(0), new RecordingSink(), body, context));
    call.eventLoop().execute(() -> placer.place(pool, call, answer::complete));
    return answer;
  }

  private void place(RunnerPool pool) {
    ViewRegistry registry = new ViewRegistry(meters);
    registry.register(
        PlacerStats.views(
            List.of(),
            Aggregation.Distribution.create(BucketBoundaries.create(List.of(1.0, 10.0)))));
    channel.freezeTime();
    Invocation invocation =
        TestCalls.invocation(channel.eventLoop(), new RecordingSink(), body, context);
    invocation.call().type(type);
    new RetryingPlacer(SETTINGS, SETTINGS.policy(), new PlacerStats(registry), EXTENSIONS, clock)
        .place(
            pool,
            TestCalls.call(invocation),
            each -> {
              assertThat(result).isNull();
              result = each;
            });
  }

  private void pass(int millis) {
    for (int i = 0; i < millis; i++) {
      now += 1_000_000;
      channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      channel.runPendingTasks();
    }
  }

  private TryResult done() {
    TryResult known = result;
    assertThat(known).isNotNull();
    return known == null ? TryResult.ok() : known;
  }

  private void assertBusy() {
    assertThat(result).isInstanceOf(TryResult.NotPlaced.class);
    assertThat(((TryResult.NotPlaced) done()).isBusy()).isTrue();
  }

  private double count(String name) {
    return meters.get(name).counter().count();
  }

  private static FakeRunner busy(String address) {
    return FakeRunner.answering(address, TryResult.busy());
  }

  private static FakeRunner abandoning(List<CallContext> attempts) {
    return new FakeRunner(
        "a",
        (call, attempt, done) -> {
          attempts.add(attempt);
          attempt.onCancel(cause -> done.done(new TryResult.Abandoned(cause, true)));
        });
  }
}
