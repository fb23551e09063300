package dev.fncluster.placer;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.model.CallType;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.TryCompletion;
import dev.fncluster.runnerpool.TryResult;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has calls placed by what others wrote, a placer or the runners of a pool, and sees to it that
 * every call ends: when it throws, when it does not end a call within the time to place and execute
 * it, and when it goes on after everybody has left. What it says afterwards is dropped.
 *
 * <p>Thread-safe.
 */
public final class WatchedPlacer implements Placer {
  private static final Logger log = LoggerFactory.getLogger(WatchedPlacer.class);

  private final Placer placer;
  private final Duration placing;
  private final Duration headroom;
  private final Duration patience;

  /**
   * Watches {@code placer}.
   *
   * @param placing how long a runner may be looked for
   * @param headroom what a call may take beyond that and the timeout of its function
   * @param patience how long the end of a call may take when its context has ended
   */
  public WatchedPlacer(Placer placer, Duration placing, Duration headroom, Duration patience) {
    this.placer = placer;
    this.placing = placing;
    this.headroom = headroom;
    this.patience = patience;
  }

  @Override
  public void place(RunnerPool pool, RunnerCall call, TryCompletion completion) {
    new Watch(pool, call, completion).begin();
  }

  private Duration limit(RunnerCall call) {
    return placing.plusSeconds(call.model().timeout()).plus(headroom);
  }

  /** Confined to the event loop of its call. */
  private final class Watch {
    private final RunnerPool pool;
    private final RunnerCall call;
    private final TryCompletion completion;
    private CallContext.@Nullable Registration registration;
    private @Nullable Future<?> timer;
    private boolean done;

    Watch(RunnerPool pool, RunnerCall call, TryCompletion completion) {
      this.pool = pool;
      this.call = call;
      this.completion = completion;
    }

    void begin() {
      // The context of a detached call has a deadline that says the same.
      if (call.model().type() == CallType.SYNC) {
        Duration limit = limit(call);
        after(
            limit,
            () ->
                end(
                    TryResult.failed(
                        broken("no end of its call within " + limit.toMillis() + " ms"))));
      }
      registration = call.context().onCancel(cause -> onLoop(() -> cancelled(cause)));
      try {
        placer.place(pool, call, result -> onLoop(() -> end(result)));
      } catch (Throwable failure) {
        // Against its contract, so nobody knows whether a runner has the call.
        onLoop(() -> end(TryResult.failed(ExtensionRunner.told(placer, subject(), failure))));
      }
    }

    private void cancelled(CancelCause cause) {
      if (!done) {
        after(
            patience,
            () -> {
              broken("no end of its call within " + patience.toMillis() + " ms of " + cause);
              end(new TryResult.Abandoned(cause, true));
            });
      }
    }

    private void after(Duration time, Runnable action) {
      Future<?> earlier = timer;
      if (earlier != null) {
        earlier.cancel(false);
      }
      timer = call.eventLoop().schedule(action, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Throwable broken(String why) {
      return ExtensionRunner.broken(
          placer, subject(), why + ", with the runners of " + pool.getClass().getName());
    }

    private void end(@Nullable TryResult result) {
      if (done) {
        return;
      }
      done = true;
      Future<?> waiting = timer;
      if (waiting != null) {
        waiting.cancel(false);
      }
      CallContext.Registration registered = registration;
      if (registered != null) {
        registered.remove();
      }
      completion.done(result == null ? TryResult.failed(broken("it ended with null")) : result);
    }

    private Subject subject() {
      return Subject.of(call.model());
    }

    private void onLoop(Runnable action) {
      if (call.eventLoop().inEventLoop()) {
        action.run();
        return;
      }
      try {
        call.eventLoop().execute(action);
      } catch (RejectedExecutionException e) {
        log.debug("a call ended after its node had stopped");
      }
    }
  }
}
