package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/** Finds a runner for a call and has it executed there. Thread-safe. */
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
