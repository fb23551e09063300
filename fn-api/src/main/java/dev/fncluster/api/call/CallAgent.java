package dev.fncluster.api.call;

import java.time.Duration;

/** Executes calls: by placing them on runners, or in containers of its own. */
public interface CallAgent {
  /**
   * Executes a call. Called on the invocation's event loop; never blocks and never throws for a
   * failure of the call.
   *
   * @param completion told once, on the event loop, maybe before this method returns
   */
  void submit(Invocation invocation, CallCompletion completion);

  /**
   * Takes no more calls, waits for those under way, then releases everything. Blocks; idempotent.
   *
   * @param grace how long to wait before calls under way are cancelled with {@link
   *     CancelCause#SHUTDOWN}
   * @throws InterruptedException when the waiting thread is interrupted
   */
  void close(Duration grace) throws InterruptedException;
}
