package dev.fncluster.runnerpool.pool;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.runnerpool.Runner;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerStatus;
import dev.fncluster.runnerpool.TryCompletion;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * A runner of a pool that watches its health. One that is ejected keeps its place in the pool, so
 * that what is placed by hash does not move; it is passed over. Thread-safe.
 */
final class Member implements Runner {
  private final Endpoint endpoint;
  private final Runner runner;
  private final BooleanSupplier nobodyIsHealthy;
  private volatile boolean healthy;

  Member(Endpoint endpoint, Runner runner, boolean healthy, BooleanSupplier nobodyIsHealthy) {
    this.endpoint = endpoint;
    this.runner = runner;
    this.healthy = healthy;
    this.nobodyIsHealthy = nobodyIsHealthy;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  boolean isHealthy() {
    return healthy;
  }

  void healthy(boolean value) {
    healthy = value;
  }

  @Override
  public boolean isAvailable() {
    // When all seem to fail, the fault may be in the asking: then they are tried all the same.
    return healthy || nobodyIsHealthy.getAsBoolean();
  }

  @Override
  public String address() {
    return runner.address();
  }

  @Override
  public int callsUnderWay() {
    return runner.callsUnderWay();
  }

  @Override
  public void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion) {
    runner.tryExec(call, attempt, completion);
  }

  @Override
  public CompletionStage<RunnerStatus> status() {
    return runner.status();
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    runner.close(grace);
  }

  @Override
  public String toString() {
    return runner.toString();
  }
}
