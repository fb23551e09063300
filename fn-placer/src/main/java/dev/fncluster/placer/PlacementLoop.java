package dev.fncluster.placer;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import io.netty.util.concurrent.Future;
import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.PrimitiveIterator;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its call, except where stated. The search for a runner for one
 * call.
 *
 * <pre>
 *   ask the pool ──▶ try runners in order ──▶ one took it: over
 *        ▲                    │ none did
 *        └────── pause ◀──────┘
 * </pre>
 *
 * While it waits (for a blocking pool, or in the pause), the end of the call's context and a timer
 * both end the wait, whichever comes first.
 */
final class PlacementLoop {
  private static final Logger log = LoggerFactory.getLogger(PlacementLoop.class);

  private final RunnerPool pool;
  private final RunnerCall call;
  private final PlacementPolicy policy;
  private final Duration retryDelay;
  private final PlacementTracker tracker;
  private final PlacementSpans spans;
  private final PlacerClock clock;
  private final ExtensionRunner extensions;
  private final TryCompletion completion;

  private RunnerList answer = RunnerList.of(List.of());
  private PrimitiveIterator.@Nullable OfInt order;
  // How many indexes may still be taken from it, so that one that repeats itself comes to an end.
  private int orderLeft;
  private boolean trying;
  private String whyNobody = "";
  private @Nullable CallContext attempt;
  private boolean over;
  // Once a call: the pool is asked again and again, and not on the loop if it may block.
  private volatile boolean poolFailureTold;
  // Counts the waits, so that what belongs to an earlier one is recognised as stale.
  private int waitStep;
  private @Nullable Future<?> waitTimer;
  private CallContext.@Nullable Registration waitCancellation;

  PlacementLoop(
      RunnerPool pool,
      RunnerCall call,
      PlacementPolicy policy,
      Duration retryDelay,
      PlacementTracker tracker,
      PlacerClock clock,
      ExtensionRunner extensions,
      TryCompletion completion) {
    this.pool = pool;
    this.call = call;
    this.policy = policy;
    this.retryDelay = retryDelay;
    this.tracker = tracker;
    this.spans = PlacementSpans.of(call.model().trace());
    this.clock = clock;
    this.extensions = extensions;
    this.completion = completion;
  }

  void start() {
    boolean mayBlock;
    try {
      mayBlock = pool.mayBlock();
    } catch (Throwable failure) {
      end(new TryResult.NotPlaced(ExtensionRunner.told(pool, subject(), failure)), false);
      return;
    }
    if (mayBlock) {
      askOnVirtualThread();
    } else {
      round(ask());
    }
  }

  private Subject subject() {
    return Subject.of(call.model());
  }

  private RunnerList ask() {
    try {
      return Objects.requireNonNull(pool.runners(call), "the pool returned null");
    } catch (FnException e) {
      return RunnerList.failed(e);
    } catch (Throwable e) {
      // A pool may be of others, and made for other classes than there are.
      if (!poolFailureTold) {
        poolFailureTold = true;
        LogIds.on(log.atError(), call.model())
            .addKeyValue("pool", pool.getClass().getName())
            .setCause(e)
            .log("A runner pool failed");
      }
      return RunnerList.failed(InvocationErrors.internal(e));
    }
  }

  private void askOnVirtualThread() {
    int step = startWait(tracker.remainingNanos(), "pool", this::endUnplaced);
    extensions
        .start(pool, subject(), this::ask)
        .whenComplete((found, hung) -> comeBack(step, hung == null ? found : hanging(hung)));
  }

  /** Not asked again: each time would leave one more thread behind. */
  private static RunnerList hanging(Throwable failure) {
    return RunnerList.refused(
        failure instanceof FnException known ? known : InvocationErrors.internal(failure));
  }

  // On another thread.
  private void comeBack(int step, RunnerList newAnswer) {
    try {
      call.eventLoop()
          .execute(() -> {
            if (endWait(step)) {
              round(newAnswer);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("a pool answered after the node had stopped, and the call with it");
    }
  }

  private void round(RunnerList newAnswer) {
    answer = newAnswer;
    List<Runner> runners = answer.runners();
    whyNobody = runners.isEmpty() ? "no runners" : "not available";
    orderLeft = runners.size();
    try {
      order =
          runners.isEmpty()
              ? null
              : Objects.requireNonNull(policy.order(request(), runners), "it returned null");
    } catch (Throwable e) {
      end(new TryResult.NotPlaced(ExtensionRunner.told(policy, subject(), e)), false);
      return;
    }
    tryRunners();
  }

  private PlacementRequest request() {
    return new PlacementRequest(call.model().fnId(), call.slotHashId(), clock.random());
  }

  /** Tries one runner after the other; attempts that end at once don't deepen the stack. */
  private void tryRunners() {
    if (trying) {
      return;
    }
    trying = true;
    try {
      while (!over && attempt == null && !tracker.isDone()) {
        Runner next = next();
        if (next == null) {
          break;
        }
        attempt(next);
      }
    } finally {
      trying = false;
    }
    if (!over && attempt == null) {
      roundEnded();
    }
  }

  /** The next runner of this round that is worth a try; null when there is none, or all is over. */
  private @Nullable Runner next() {
    PrimitiveIterator.OfInt left = order;
    Object asked = policy;
    try {
      while (left != null && orderLeft > 0 && left.hasNext()) {
        orderLeft--;
        Runner next = answer.runners().get(left.nextInt());
        asked = next;
        if (next.isAvailable()) {
          return next;
        }
        asked = policy;
      }
    } catch (Throwable e) {
      end(new TryResult.NotPlaced(ExtensionRunner.told(asked, subject(), e)), false);
    }
    return null;
  }

  private void attempt(Runner runner) {
    CallContext context = call.context().child();
    attempt = context;
    tracker.attemptStarts();
    Span span = spans.tryBegins();
    try {
      if (span.isRecording()) {
        span.setAttribute("fn.runner", runner.address());
      }
      runner.tryExec(call, context, result -> told(runner, context, span, result));
    } catch (Throwable e) {
      // Against its contract, so nobody knows whether it executed the call.
      attemptEnded(
          runner, context, span, TryResult.failed(ExtensionRunner.told(runner, subject(), e)));
    }
  }

  // Runners of others may answer on a thread of theirs, against their contract. What follows, such
  // as the next try, must be on the loop.
  private void told(Runner runner, CallContext context, Span span, @Nullable TryResult result) {
    if (call.eventLoop().inEventLoop()) {
      attemptEnded(runner, context, span, result);
      return;
    }
    try {
      call.eventLoop().execute(() -> attemptEnded(runner, context, span, result));
    } catch (RejectedExecutionException e) {
      log.debug("a runner answered after the node had stopped, and the call with it");
    }
  }

  private void attemptEnded(
      Runner runner, CallContext context, Span span, @Nullable TryResult told) {
    if (attempt != context) {
      return;
    }
    TryResult result =
        told == null
            ? TryResult.failed(ExtensionRunner.broken(runner, subject(), "it ended with null"))
            : withoutClient(told);
    spans.tryEnded(span, result);
    attempt = null;
    context.cancel(CancelCause.ATTEMPT_OVER);
    tracker.attemptEnded(result);
    switch (result) {
      case TryResult.NotPlaced notPlaced -> {
        whyNobody = notPlaced.isBusy() ? "busy" : "not reached";
        if (!notPlaced.isBusy() && log.isDebugEnabled()) {
          LogIds.on(log.atDebug(), call.model())
              .addKeyValue("runner", runner.address())
              .log("runner not tried: {}", notPlaced.error().getMessage());
        }
        if (call.requestBody().isReplayable()) {
          tryRunners();
        } else {
          // More of the body was sent than is kept: nobody else can get it from its start.
          end(TryResult.busy(), false);
        }
      }
      case TryResult.Placed placed -> end(placed, true);
      case TryResult.Abandoned abandoned -> end(abandoned, abandoned.sent());
    }
  }

  /** That the client of a detached call has left shows in its body alone: its context goes on. */
  private static TryResult withoutClient(TryResult told) {
    return told instanceof TryResult.Placed placed
            && InvocationErrors.isClientCancelled(placed.error())
        ? new TryResult.Abandoned(CancelCause.CLIENT_GONE, true)
        : told;
  }

  private void roundEnded() {
    if (answer.runners().isEmpty()) {
      tracker.poolWasEmpty();
    }
    if (answer.endsSearch() || tracker.isDone()) {
      endUnplaced();
      return;
    }
    long pause = Math.min(retryDelay.toNanos(), tracker.remainingNanos());
    startWait(
        pause,
        whyNobody,
        () -> {
          if (tracker.isDone()) {
            endUnplaced();
          } else {
            start();
          }
        });
  }

  private void endUnplaced() {
    CancelCause cause = call.context().cause();
    FnException error = answer.error();
    if (error != null) {
      tracker.endedWithPoolError();
      LogIds.on(log.atWarn(), call.model())
          .addKeyValue("code", error.code())
          .setCause(error.getCause())
          .log("runner pool failed");
    }
    if (cause != null) {
      end(new TryResult.Abandoned(cause, false), false);
    } else if (error != null) {
      end(new TryResult.NotPlaced(error), false);
    } else {
      end(TryResult.busy(), false);
    }
  }

  private void end(TryResult result, boolean placed) {
    over = true;
    tracker.ended(placed);
    spans.over(result);
    completion.done(result);
  }

  private int startWait(long nanos, String reason, Runnable onTime) {
    int step = ++waitStep;
    spans.waitBegins(reason);
    waitTimer =
        call.eventLoop()
            .schedule(
                () -> {
                  if (endWait(step)) {
                    onTime.run();
                  }
                },
                nanos,
                TimeUnit.NANOSECONDS);
    // The listener may run on any thread, or right here; never inside of this method's caller.
    waitCancellation =
        call.context()
            .onCancel(cause ->
                call.eventLoop()
                    .execute(() -> {
                      if (endWait(step)) {
                        endUnplaced();
                      }
                    }));
    return step;
  }

  /** Ends a wait; false when it had ended before. */
  private boolean endWait(int step) {
    Future<?> timer = waitTimer;
    CallContext.Registration cancellation = waitCancellation;
    if (step != waitStep || timer == null || cancellation == null) {
      return false;
    }
    timer.cancel(false);
    cancellation.remove();
    spans.waitEnded();
    waitTimer = null;
    waitCancellation = null;
    return true;
  }
}
