package dev.fncluster.api.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;

/** A thread for what waits for something that the test does next, such as a close for a call. */
public final class WaitingThread {
  private static final Set<Thread.State> WAITS_OR_HAS_ENDED =
      Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);

  private WaitingThread() {}

  /** What the thread does. */
  public interface Action {
    void run() throws Exception;
  }

  /** Starts {@code action}, and returns when it waits; the result is done when it has ended. */
  public static FutureTask<Void> start(Action action) {
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          action.run();
          return null;
        });
    Thread thread = Thread.ofPlatform().daemon().start(task);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> WAITS_OR_HAS_ENDED.contains(thread.getState()));
    return task;
  }
}
