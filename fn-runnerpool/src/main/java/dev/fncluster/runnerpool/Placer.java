package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/**
 * Finds a runner for a call and has it executed there. Timeouts, retries and metrics are its own
 * affair; who only wants another order writes a {@link PlacementPolicy}.
 *
 * <p>Thread-safe: places calls of different event loops at the same time. A placer that throws all
 * the same, says null, or has not told its completion when the times to place the call and to
 * execute it are over, fails that call with code 500; what it tells later is dropped.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface Placer {
  /**
   * Tries the runners of {@code pool} until one takes the call, the call's context ends, or the
   * placer gives up. Called on the call's event loop; never blocks and never throws.
   *
   * @param completion told once, on the call's event loop, maybe before this method returns. {@link
   *     TryResult.NotPlaced} carries the error for the caller
   */
  void place(RunnerPool pool, RunnerCall call, TryCompletion completion);
}
