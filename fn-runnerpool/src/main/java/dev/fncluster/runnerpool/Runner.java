package dev.fncluster.runnerpool;

import dev.fncluster.api.call.CallContext;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apiguardian.api.API;

/**
 * Something that executes calls: a runner node, or the runner agent in this very process.
 *
 * <p>Pools get those behind an address from {@link RunnerPoolContext#runner}; only what executes
 * calls in another way has to be written.
 *
 * <p>Thread-safe: calls of different event loops use a runner at the same time.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface Runner extends RunnerView {
  /**
   * Tries to execute a call. Called on the call's event loop; never blocks and never throws.
   *
   * <p>At most once: {@link TryResult.NotPlaced} is reported only where it is certain that no user
   * code ran, because the call is then tried elsewhere. In any doubt the answer is {@link
   * TryResult.Placed} with an error.
   *
   * <p>The runner opens {@link RunnerCall#requestBody()} afresh, and says {@link
   * dev.fncluster.api.call.RequestBody#commit() commit} as soon as it knows that it won't turn the
   * call down any more. It writes to {@link RunnerCall#response()} only while the attempt lives,
   * and nothing at all in an attempt that ends not placed.
   *
   * @param attempt ends when nobody waits for this attempt any more; the runner then gives up
   *     whatever it does and reports {@link TryResult.Abandoned} without waiting for anything
   * @param completion told once, on the call's event loop, maybe before this method returns;
   *     afterwards the runner touches neither body nor response
   */
  void tryExec(RunnerCall call, CallContext attempt, TryCompletion completion);

  /**
   * Whether it is worth trying now. Placers pass over those that are not, which stay in the list of
   * their pool so that the order of the others does not change. Cheap; may change at any time.
   */
  default boolean isAvailable() {
    return true;
  }

  /**
   * Asks how the runner does. Never blocks; ends within a bound that the runner sets.
   *
   * @return fails with an exception that says why there is no answer
   */
  CompletionStage<RunnerStatus> status();

  /**
   * Takes no more calls (they are {@link TryResult.NotPlaced}), waits for those under way, then
   * releases all resources. Blocks: not on an event loop. Idempotent.
   *
   * @param grace how long to wait before connections are cut under calls that still run
   * @throws InterruptedException when the waiting thread is interrupted
   */
  void close(Duration grace) throws InterruptedException;
}
