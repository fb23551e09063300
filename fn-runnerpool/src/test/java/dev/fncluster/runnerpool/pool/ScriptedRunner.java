package dev.fncluster.runnerpool.pool;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A runner that is as well as a test says, and whose calls end when it says so. */
final class ScriptedRunner implements Runner {
  enum Health {
    WELL,
    SILENT,
    REFUSING
  }

  private final String address;
  private final CountDownLatch callsEnded = new CountDownLatch(1);
  final AtomicInteger asked = new AtomicInteger();
  volatile Health health = Health.WELL;
  volatile boolean closing;
  volatile boolean closed;
  volatile boolean cut;

  ScriptedRunner(String address) {
    this.address = address;
  }

  void endCalls() {
    callsEnded.countDown();
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
    completion.done(TryResult.ok());
  }

  @Override
  public CompletionStage<RunnerStatus> status() {
    asked.incrementAndGet();
    return switch (health) {
      case WELL -> CompletableFuture.completedFuture(RunnerStatus.ofCounters(0, 0, 0));
      case SILENT -> new CompletableFuture<>();
      case REFUSING -> CompletableFuture.failedFuture(new IllegalStateException("refused"));
    };
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    closing = true;
    try {
      cut = !callsEnded.await(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      cut = true;
      throw e;
    } finally {
      closed = true;
    }
  }
}
