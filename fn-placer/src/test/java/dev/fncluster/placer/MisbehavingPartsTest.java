package dev.fncluster.placer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.EmptyBody;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakePool;
import dev.fncluster.runnerpool.fake.FakeRunner;
import dev.fncluster.runnerpool.fake.RecordingSink;
import dev.fncluster.runnerpool.fake.TestCalls;
import dev.fncluster.stats.ViewRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Pools, policies, runners and placers of others that throw, return null, or hang. */
final class MisbehavingPartsTest {
  private static final String FAILED = "an extension of this server failed";
  private static final PlacerSettings SETTINGS = PlacerSettings.from(Settings.of(Map.of()));
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(10);

  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final CallContext context = CallContext.create();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ExtensionRunner.class);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void close() {
    logger.detachAppender(lines);
    loops.close();
  }

  private TryResult place(Placer placer, RunnerPool pool) throws Exception {
    return start(placer, pool).get(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<TryResult> start(Placer placer, RunnerPool pool) {
    CompletableFuture<TryResult> answer = new CompletableFuture<>();
    RunnerCall call =
        TestCalls.call(
            TestCalls.invocation(
                loops.loops().getFirst(), new RecordingSink(), EmptyBody.create(), context));
    call.eventLoop()
        .execute(() ->
            placer.place(
                pool,
                call,
                result -> {
                  assertThat(call.eventLoop().inEventLoop()).isTrue();
                  assertThat(answer.complete(result)).as("told once").isTrue();
                }));
    return answer;
  }

  private static RetryingPlacer placer(PlacementPolicy policy) {
    return placer(policy, LONG);
  }

  private static RetryingPlacer placer(PlacementPolicy policy, Duration limit) {
    return new RetryingPlacer(
        SETTINGS,
        policy,
        new PlacerStats(new ViewRegistry(new SimpleMeterRegistry())),
        new ExtensionRunner(limit));
  }

  private void assertFailed(TryResult result, Object blamed, String reason) {
    Throwable error =
        switch (result) {
          case TryResult.NotPlaced it -> it.error();
          case TryResult.Placed it -> it.error();
          case TryResult.Abandoned it -> throw new AssertionError(it.toString());
        };
    assertThat(error)
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(500);
              assertThat(e.publicMessage()).isEqualTo(FAILED);
            });
    assertBlamed(blamed, reason);
  }

  private void assertBlamed(Object blamed, String reason) {
    assertThat(lines.list)
        .anySatisfy(line -> {
          List<String> pairs = line.getKeyValuePairs().stream().map(Object::toString).toList();
          assertThat(pairs)
              .contains(
                  "call_id=\"call-1\"",
                  "fn_id=\"fn-1\"",
                  "app_id=\"app-1\"",
                  "extension=\"" + blamed.getClass().getName() + "\"")
              .anyMatch(each -> each.startsWith("reason=") && each.contains(reason));
        });
  }

  @Test
  void aPoolThatHangsFailsItsCallAndIsNotAskedAgain() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    FakePool pool =
        FakePool.blocking(asked -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          return RunnerList.of(List.of(FakeRunner.answering("late", TryResult.ok())));
        });
    assertFailed(place(placer(SETTINGS.policy(), SHORT), pool), pool, "it took more than 100 ms");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(pool.asked()).isEqualTo(1);
  }

  @Test
  void aPoolThatDoesNotSayWhetherItBlocksFailsItsCall() throws Exception {
    RunnerPool pool =
        new RunnerPool() {
          @Override
          public RunnerList runners(RunnerCall call) {
            return RunnerList.of(List.of());
          }

          @Override
          public boolean mayBlock() {
            throw new NoSuchMethodError("other version");
          }

          @Override
          public void shutdown(Duration grace) {}
        };
    assertFailed(place(placer(SETTINGS.policy()), pool), pool, "it failed");
  }

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void aPolicyThatThrowsOrReturnsNullFailsItsCall() throws Exception {
    List<PlacementPolicy> all =
        List.of(
            (request, runners) -> {
              throw new NoSuchMethodError("other version");
            },
            (request, runners) -> null,
            (request, runners) -> IntStream.of(17).iterator(),
            (request, runners) ->
                new PrimitiveIterator.OfInt() {
                  @Override
                  public boolean hasNext() {
                    throw new IllegalStateException("bug");
                  }

                  @Override
                  public int nextInt() {
                    return 0;
                  }
                });
    for (PlacementPolicy each : all) {
      lines.list.clear();
      assertFailed(
          place(placer(each), FakePool.of(FakeRunner.answering("a", TryResult.ok()))),
          each,
          "it failed");
    }
  }

  @Test
  void anOrderWithoutAnEndIsLeftAfterAsManyAsThereAre() throws Exception {
    PlacementPolicy endless = (request, runners) -> IntStream.generate(() -> 0).iterator();
    FakeRunner full = FakeRunner.answering("full", TryResult.busy());
    FakePool pool =
        FakePool.answering(asked ->
            RunnerList.of(
                List.of(asked == 0 ? full : FakeRunner.answering("free", TryResult.ok()))));
    assertThat(place(placer(endless), pool)).isEqualTo(TryResult.ok());
    assertThat(full.attempts()).isEqualTo(1);
  }

  @Test
  void aRunnerThatThrowsFailsItsCall() throws Exception {
    Runner throwing =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              throw new NoSuchMethodError("other version");
            });
    TryResult result = place(placer(SETTINGS.policy()), FakePool.of(throwing));
    assertThat(result).as("nobody knows what it did").isInstanceOf(TryResult.Placed.class);
    assertFailed(result, throwing, "it failed");
    Runner unsure = new Unsure();
    assertFailed(place(placer(SETTINGS.policy()), FakePool.of(unsure)), unsure, "it failed");
  }

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void aRunnerThatEndsWithNullFailsItsCall() throws Exception {
    Runner ofNull = new FakeRunner("a", (call, attempt, done) -> done.done(null));
    assertFailed(place(placer(SETTINGS.policy()), FakePool.of(ofNull)), ofNull, "null");
  }

  @Test
  void whatARunnerSaysFromElsewhereIsActedUponOnTheLoop() throws Exception {
    Runner elsewhere =
        new FakeRunner(
            "a",
            (call, attempt, done) -> Thread.startVirtualThread(() -> done.done(TryResult.busy())));
    CompletableFuture<Boolean> nextIsOnTheLoop = new CompletableFuture<>();
    Runner next =
        new FakeRunner(
            "b",
            (call, attempt, done) -> {
              nextIsOnTheLoop.complete(call.eventLoop().inEventLoop());
              done.done(TryResult.ok());
            });
    PlacementPolicy inOrder = (request, runners) -> IntStream.range(0, runners.size()).iterator();
    assertThat(place(placer(inOrder), FakePool.of(elsewhere, next))).isEqualTo(TryResult.ok());
    assertThat(nextIsOnTheLoop).isCompletedWithValue(true);
  }

  private static final class Unsure implements Runner {
    @Override
    public String address() {
      return "a";
    }

    @Override
    public int callsUnderWay() {
      return 0;
    }

    @Override
    public void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion) {}

    @Override
    public boolean isAvailable() {
      throw new IllegalStateException("bug");
    }

    @Override
    public CompletionStage<RunnerStatus> status() {
      return CompletableFuture.failedFuture(new IllegalStateException());
    }

    @Override
    public void close(Duration grace) {}
  }

  private static WatchedPlacer watched(Placer placer, Duration limit, Duration patience) {
    // The functions of these calls have 30 s.
    return new WatchedPlacer(placer, limit, Duration.ofSeconds(-30), patience);
  }

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void aPlacerThatThrowsReturnsNullOrHangsFailsItsCall() throws Exception {
    Placer throwing =
        (pool, call, completion) -> {
          throw new NoSuchMethodError("other version");
        };
    assertFailed(place(watched(throwing, LONG, LONG), FakePool.of()), throwing, "it failed");
    Placer ofNull = (pool, call, completion) -> completion.done(null);
    assertFailed(place(watched(ofNull, LONG, LONG), FakePool.of()), ofNull, "null");
    Placer hanging = (pool, call, completion) -> {};
    assertFailed(
        place(watched(hanging, SHORT, LONG), FakePool.of()),
        hanging,
        "no end of its call within 100 ms, with the runners of " + FakePool.class.getName());
  }

  @Test
  void aRunnerThatHangsFailsItsCall() throws Exception {
    FakePool pool = FakePool.of(new FakeRunner("a", (call, attempt, done) -> {}));
    Placer placer = placer(SETTINGS.policy());
    assertFailed(place(watched(placer, SHORT, LONG), pool), placer, "no end of its call");
  }

  @Test
  void aPlacerThatGoesOnWithoutItsCallerIsLeft() throws Exception {
    Placer hanging = (pool, call, completion) -> {};
    CompletableFuture<TryResult> answer = start(watched(hanging, LONG, SHORT), FakePool.of());
    context.cancel(CancelCause.CLIENT_GONE);
    assertThat(answer.get(60, TimeUnit.SECONDS))
        .isEqualTo(new TryResult.Abandoned(CancelCause.CLIENT_GONE, true));
    assertBlamed(hanging, "no end of its call within 100 ms of CLIENT_GONE");
  }

  @Test
  void whatAPlacerSaysLaterOrFromElsewhereDoesNoHarm() throws Exception {
    CompletableFuture<TryCompletion> kept = new CompletableFuture<>();
    Placer late = (pool, call, completion) -> kept.complete(completion);
    CompletableFuture<TryResult> answer = start(watched(late, LONG, LONG), FakePool.of());
    kept.get(60, TimeUnit.SECONDS).done(TryResult.ok());
    assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(TryResult.ok());
    kept.get().done(TryResult.busy());
    CompletableFuture<Boolean> loopIsFree = new CompletableFuture<>();
    loops.loops().getFirst().execute(() -> loopIsFree.complete(true));
    assertThat(loopIsFree.get(60, TimeUnit.SECONDS)).isTrue();
  }
}
