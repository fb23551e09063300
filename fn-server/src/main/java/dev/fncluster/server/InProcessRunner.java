package dev.fncluster.server;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.RunnerAgent;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.grpc.RunnerClientStats;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The runner agent of this very process as a {@link Runner}: a call goes to it on the event loop it
 * is on, without gRPC. Thread-safe; each call stays on its loop.
 */
final class InProcessRunner implements Runner {
  private final RunnerAgent agent;
  private final RunnerClientStats stats;
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong handled = new AtomicLong();

  InProcessRunner(RunnerAgent agent, RunnerClientStats stats) {
    this.agent = agent;
    this.stats = stats;
  }

  @Override
  public String address() {
    return "in-process";
  }

  @Override
  public int callsUnderWay() {
    return agent.callsInFlight();
  }

  @Override
  public void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion) {
    received.incrementAndGet();
    Attempt running = new Attempt(call, completion);
    Invocation invocation =
        new Invocation(
            call.model(),
            call.slotHashId(),
            call.extensions(),
            call.requestBody(),
            call.response(),
            attempt,
            call.eventLoop());
    agent.submit(invocation, failure -> running.ended(failure, attempt.cause()));
  }

  /** Confined to the event loop of its call. */
  private final class Attempt {
    private final RunnerCall call;
    private final TryCompletion completion;
    private final @Nullable Instant createdAt;
    private final @Nullable Instant startedAt;

    private Attempt(RunnerCall call, TryCompletion completion) {
      this.call = call;
      this.completion = completion;
      this.createdAt = call.model().createdAt();
      this.startedAt = call.model().startedAt();
    }

    private void ended(@Nullable Throwable failure, @Nullable CancelCause cause) {
      handled.incrementAndGet();
      Call model = call.model();
      Instant started = model.startedAt();
      Instant completed = model.completedAt();
      if (started != null && completed != null) {
        Duration execution = Duration.between(started, completed);
        call.addUserExecutionTime(execution);
        Instant arrived = model.createdAt();
        stats.finished(
            model,
            arrived == null ? 0 : Duration.between(arrived, started).toNanos(),
            execution.toNanos(),
            model.timings());
      }
      // The runner agent keeps its own times in the model that it shares with the load balancer's.
      model.createdAt(createdAt).startedAt(startedAt);
      completion.done(result(failure, cause, started != null));
    }

    private TryResult result(
        @Nullable Throwable failure, @Nullable CancelCause cause, boolean started) {
      if (failure == null) {
        return TryResult.ok();
      }
      if (cause != null) {
        return new TryResult.Abandoned(cause, started);
      }
      return InvocationErrors.isServerBusy(failure) ? TryResult.busy() : TryResult.failed(failure);
    }
  }

  @Override
  public CompletionStage<RunnerStatus> status() {
    return CompletableFuture.completedFuture(
        RunnerStatus.ofCounters(agent.callsInFlight(), received.get(), handled.get()));
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    agent.close(grace);
  }
}
