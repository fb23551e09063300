package dev.fncluster.runnerpool;

import java.time.Duration;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Knows the runners that may take a call. This is the place to plug in a cluster manager, groups of
 * runners for certain apps, or capacity that is started on demand.
 *
 * <p>Thread-safe: asked for many calls at once, and shut down once, after the last of them.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface RunnerPool {
  /**
   * The runners that may take {@code call} now: a snapshot. Placers ask again for every round of
   * attempts, so a pool can change its mind, and an empty list is waited for until the placer's
   * timeout.
   *
   * <p>A pool that can't answer says why. An error that may pass ({@link RunnerList#failed}) is
   * waited for like an empty list, and reaches the caller at the placer's timeout; one that waiting
   * can't mend ({@link RunnerList#refused}, or a {@link dev.fncluster.api.error.FunctionException}
   * with code 502) ends the call at once. So does a pool that blocks for longer than the limit for
   * extensions; one that returns null has failed with an error of code 500 that may pass.
   *
   * @throws dev.fncluster.api.error.FnException the same as {@link RunnerList#failed} with it; any
   *     other exception is an internal error of code 500, which may pass
   */
  RunnerList runners(RunnerCall call);

  /**
   * Whether {@link #runners} may block or take longer than some microseconds. It is then called on
   * a virtual thread of its own; otherwise on the event loop of the call.
   */
  default boolean mayBlock() {
    return true;
  }

  /**
   * The runners that it knows now, whatever calls they are for: what an operator is shown. Must not
   * block.
   */
  default List<Runner> known() {
    return List.of();
  }

  /**
   * What keeps the pool from placing any call, in a few words for the operator; null for nothing. A
   * load balancer whose pool says something is not ready. Must not block for more than a few
   * seconds.
   *
   * <p>Runners that fail for now are no obstacle: all load balancers see them fail, and would be
   * taken out of service together.
   */
  default @Nullable String obstacle() {
    return null;
  }

  /**
   * Closes all runners, at the same time, and releases what the pool holds. Blocks: not on an event
   * loop. Idempotent.
   *
   * @param grace how long runners may wait for their calls
   * @throws InterruptedException when the waiting thread is interrupted
   */
  void shutdown(Duration grace) throws InterruptedException;
}
