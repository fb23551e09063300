package dev.fncluster.runnerpool.fake;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A runner that does what a test tells it. */
public final class FakeRunner implements Runner {
  /** What a runner does with a call. */
  public interface Behaviour {
    /** As {@link Runner#tryExec}. */
    void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion);
  }

  private final String address;
  private final Behaviour behaviour;
  private final AtomicInteger attempts = new AtomicInteger();
  private volatile boolean closed;

  /** A runner of that behaviour. */
  public FakeRunner(String address, Behaviour behaviour) {
    this.address = address;
    this.behaviour = behaviour;
  }

  /** A runner that ends every try at once with {@code result}. */
  public static FakeRunner answering(String address, TryResult result) {
    return new FakeRunner(address, (call, attempt, completion) -> completion.done(result));
  }

  /** A runner that executes calls for {@code time}, at most {@code slots} at once. */
  public static FakeRunner working(String address, int slots, Duration time) {
    AtomicInteger busy = new AtomicInteger();
    return new FakeRunner(
        address,
        (call, attempt, completion) -> {
          if (busy.incrementAndGet() > slots) {
            busy.decrementAndGet();
            completion.done(TryResult.busy());
            return;
          }
          Work work = new Work(call, completion, busy);
          call.eventLoop()
              .schedule(
                  () -> work.end(TryResult.ok()),
                  time.toMillis(),
                  java.util.concurrent.TimeUnit.MILLISECONDS);
          attempt.onCancel(cause ->
              call.eventLoop().execute(() -> work.end(new TryResult.Abandoned(cause, true))));
        });
  }

  private static final class Work {
    private final TryCompletion completion;
    private final AtomicInteger busy;
    private boolean over;

    Work(RunnerCall call, TryCompletion completion, AtomicInteger busy) {
      this.completion = completion;
      this.busy = busy;
      call.requestBody().commit();
    }

    void end(TryResult result) {
      if (!over) {
        over = true;
        busy.decrementAndGet();
        completion.done(result);
      }
    }
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public int callsUnderWay() {
    return 0;
  }

  @Override
  public void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion) {
    attempts.incrementAndGet();
    behaviour.tryExec(call, attempt, completion);
  }

  /** How often a call was tried here. */
  public int attempts() {
    return attempts.get();
  }

  /** Whether the runner was closed. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public CompletionStage<RunnerStatus> status() {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("no status"));
  }

  @Override
  public void close(Duration grace) {
    closed = true;
  }
}
