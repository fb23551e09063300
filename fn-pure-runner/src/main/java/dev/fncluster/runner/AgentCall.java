package dev.fncluster.runner;

import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.plugin.CallListeners;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runner.container.HotContainer;
import dev.fncluster.runner.driver.CallHooks;
import dev.fncluster.runner.function.FunctionConnection;
import dev.fncluster.runner.function.FunctionExchange;
import dev.fncluster.runner.function.FunctionExchange.After;
import dev.fncluster.runner.slot.SlotQueue;
import dev.fncluster.runner.slot.Waiter;
import dev.fncluster.stats.AgentMeters;
import io.netty.channel.EventLoop;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to the event loop of its call: one call from its arrival at the agent to its end.
 *
 * <pre>
 *   waiting ──▶ connecting ──▶ executing ──▶ done
 *      ▲             │ the idle container is dead: nothing was sent
 *      └─────────────┘
 * </pre>
 *
 * <p>Where the container's driver has {@link CallHooks}, they run before and after the execution.
 */
final class AgentCall implements Waiter<HotContainer> {
  private static final Logger log = LoggerFactory.getLogger(AgentCall.class);

  // The engine tells of a death some hundredths of a second later than the connection.
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(1);

  // So many containers that were made since it came a call may find to have died before their first
  // call. Those that were idle before tell of an engine's end rather than of the function.
  private static final int MAX_STILLBORN = 3;

  private final RunnerAgent agent;
  private final Invocation invocation;
  private final CallCompletion completion;
  private final CallTime time;

  private @Nullable SlotQueue<HotContainer> queue;
  private CallContext.@Nullable Registration registration;
  private @Nullable HotContainer container;
  private @Nullable FunctionExchange exchange;
  private long executionBegan;
  private int stillborn;
  private CallListeners.@Nullable Heard heard;
  private boolean telling;
  private Span queueing = Span.getInvalid();
  private Span executing = Span.getInvalid();
  private boolean done;

  AgentCall(RunnerAgent agent, Invocation invocation, CallCompletion completion, CallTime time) {
    this.agent = agent;
    this.invocation = invocation;
    this.completion = completion;
    this.time = time;
  }

  Invocation invocation() {
    return invocation;
  }

  @Override
  public EventLoop eventLoop() {
    return invocation.eventLoop();
  }

  /** Lets the call wait for a container. */
  void begin(long nowNanos) {
    agent.stats().calls.queued().increment();
    queueing = invocation.call().trace().span("fn.queue");
    CallContext.Registration made =
        invocation.context().onCancel(cause -> onLoop(() -> cancelled(cause)));
    if (done) {
      return;
    }
    registration = made;
    enter(nowNanos);
  }

  private void enter(long nowNanos) {
    SlotQueue<HotContainer> found;
    do {
      try {
        found = agent.queue(invocation);
      } catch (FnException e) {
        finish(e, false, agent.nanoTime());
        return;
      }
      queue = found;
    } while (!found.submit(this, nowNanos));
  }

  @Override
  public void assigned(HotContainer assigned, long nowNanos) {
    if (done) {
      // It was cancelled while the container was on its way to it.
      assigned.giveBack(agent.nanoTime());
      return;
    }
    container = assigned;
    executionBegan = nowNanos;
    assigned.begin(
        invocation.call().id(), nowNanos, () -> invocation.context().cancel(CancelCause.SHUTDOWN));
    FunctionConnection open = assigned.connection();
    if (open != null) {
      execute(assigned, open, nowNanos);
      return;
    }
    assigned.connect(
        new FunctionConnection.Listener() {
          @Override
          public void connected(FunctionConnection connection) {
            onLoop(() -> execute(assigned, connection, agent.nanoTime()));
          }

          @Override
          public void failed(Throwable cause) {
            onLoop(() -> containerIsDead(assigned, cause));
          }
        });
  }

  @Override
  public void refused(Throwable why) {
    if (!done) {
      finish(why, false, agent.nanoTime());
    }
  }

  private void execute(HotContainer by, FunctionConnection connection, long nowNanos) {
    if (done) {
      // Cancelled while connecting: it has got nothing of the call and can take the next one.
      by.release(nowNanos);
      return;
    }
    CallListeners listeners = agent.listeners();
    if (listeners.isEmpty() || heard != null) {
      prepare(by, connection, nowNanos);
      return;
    }
    CallListeners.Heard hearing = new CallListeners.Heard();
    heard = hearing;
    telling = true;
    listeners.before(
        invocation.call(), eventLoop(), hearing, failure -> told(by, connection, failure));
  }

  /** All listeners have heard that the call begins, or one of them is against it. */
  private void told(HotContainer by, FunctionConnection connection, @Nullable Throwable failure) {
    telling = false;
    long nowNanos = agent.nanoTime();
    if (done) {
      // Cancelled meanwhile: nobody was told of its end yet.
      by.release(nowNanos);
      ending().run();
    } else if (failure != null) {
      container = null;
      by.release(nowNanos);
      finish(failure, false, nowNanos);
    } else if (connection.isOpen()) {
      prepare(by, connection, nowNanos);
    } else {
      containerIsDead(by, new IOException("its connection was closed before a call"));
    }
  }

  private Runnable ending() {
    CallListeners.Heard hearing = heard;
    return hearing == null
        ? agent::ended
        : agent.listeners().ending(invocation.call(), hearing, agent::ended);
  }

  private void prepare(HotContainer by, FunctionConnection connection, long nowNanos) {
    CallHooks hooks = by.hooks();
    if (hooks == null) {
      exchange(by, connection, nowNanos);
    } else {
      agent
          .extensions()
          .start(hooks, subject(), () -> hooks.before(invocation.call()))
          .whenComplete(
              (unused, failure) -> onLoop(() -> prepared(by, hooks, connection, failure)));
    }
  }

  /** Its driver has done what comes before a call. */
  private void prepared(
      HotContainer by,
      CallHooks hooks,
      FunctionConnection connection,
      @Nullable Throwable failure) {
    if (failure != null) {
      container = null;
      by.stop("its driver failed before a call");
      if (!done) {
        finish(failure, false, agent.nanoTime());
      }
    } else if (!done && connection.isOpen()) {
      exchange(by, connection, agent.nanoTime());
    } else {
      // Cancelled meanwhile, or the function closed its end: it has got nothing of the call.
      after(by, hooks, afterFailure -> unused(by, afterFailure));
    }
  }

  private void unused(HotContainer by, @Nullable Throwable failure) {
    if (!done) {
      containerIsDead(by, new IOException("its connection was closed before a call"));
    } else if (failure == null) {
      by.release(agent.nanoTime());
    } else {
      by.stop("its driver failed after a call");
    }
  }

  private void after(HotContainer by, CallHooks hooks, Consumer<@Nullable Throwable> then) {
    agent
        .extensions()
        .start(hooks, subject(), () -> hooks.after(invocation.call()))
        .whenComplete((unused, failure) -> onLoop(() -> then.accept(failure)));
  }

  private Subject subject() {
    return Subject.of(invocation.call());
  }

  private void exchange(HotContainer by, FunctionConnection connection, long nowNanos) {
    agent.stats().calls.queued().decrement();
    agent.stats().calls.running().increment();
    Instant now = time.at(nowNanos);
    invocation.call().startedAt(now).status("running");
    queueing.end();
    executing = invocation.call().trace().remoteSpan("fn.execute");
    executing.setAttribute("fn.container_id", by.id());
    FunctionExchange started =
        new FunctionExchange(
            invocation,
            connection,
            agent.answerLimit(),
            (failure, after) -> executed(by, failure, after));
    exchange = started;
    try {
      started.start(now, nowNanos);
    } catch (RuntimeException | Error e) {
      if (done) {
        throw e;
      }
      // Out of memory, or a body that can't be opened: nobody else would ever end the call.
      started.abort(e);
    }
  }

  private void executed(HotContainer by, @Nullable Throwable failure, After after) {
    long nowNanos = agent.nanoTime();
    by.executed(nowNanos - executionBegan);
    end(executing, failure);
    container = null;
    if (InvocationErrors.isFunctionClosedPipe(failure)) {
      // It may have closed its end, or have died: out of memory, say. The caller should be told.
      by.exitsWithin(EXIT_LIMIT)
          .thenAccept(exited ->
              onLoop(() ->
                  ended(
                      by,
                      exited ? InvocationErrors.functionResponse(failure) : failure,
                      after,
                      agent.nanoTime())));
    } else {
      ended(by, failure, after, nowNanos);
    }
  }

  private void ended(HotContainer by, @Nullable Throwable failure, After after, long nowNanos) {
    CallHooks hooks = by.hooks();
    if (hooks == null) {
      conclude(by, failure, after, nowNanos);
    } else {
      after(
          by,
          hooks,
          failed ->
              conclude(
                  by,
                  failure == null ? failed : failure,
                  failed == null ? after : After.STOP,
                  agent.nanoTime()));
    }
  }

  /** The call and its use of the container end at the same moment. */
  private void conclude(HotContainer by, @Nullable Throwable failure, After after, long nowNanos) {
    try {
      switch (after) {
        case KEEP, RECONNECT -> by.release(nowNanos);
        case STOP -> by.stop("a call broke off in it");
      }
    } finally {
      // Also if the next call breaks on the spot, which may begin right there.
      finish(failure, true, nowNanos);
    }
  }

  private void containerIsDead(HotContainer dead, Throwable cause) {
    if (done) {
      dead.stop("it takes no connection");
      return;
    }
    LogIds.on(log.atInfo(), invocation.call())
        .addKeyValue("container_id", dead.id())
        .setCause(cause)
        .log("An idle container takes no connection any more; the call goes to another one");
    container = null;
    dead.stop("it takes no connection");
    if (isStillborn(dead) && ++stillborn == MAX_STILLBORN) {
      finish(InvocationErrors.containerInitFail(), false, agent.nanoTime());
      return;
    }
    enter(agent.nanoTime());
  }

  private boolean isStillborn(HotContainer dead) {
    return !dead.hasServed() && dead.createdNanos() - time.beganNanos() > 0;
  }

  private void cancelled(CancelCause cause) {
    if (done) {
      return;
    }
    FunctionExchange running = exchange;
    if (running != null) {
      switch (cause) {
        case CLIENT_GONE, ATTEMPT_OVER, PLACER_TIMEOUT -> running.leave(whileExecuting(cause));
        case DEADLINE, SHUTDOWN -> running.abort(whileExecuting(cause));
      }
      return;
    }
    SlotQueue<HotContainer> waitingIn = queue;
    // A container that is being connected to goes back to its queue once it is: see execute().
    if (container == null && waitingIn != null) {
      // If it is not there any more a container is on its way: assigned() gives it back.
      boolean unused = waitingIn.withdraw(this);
    }
    finish(whileWaiting(cause), false, agent.nanoTime());
  }

  private void finish(@Nullable Throwable failure, boolean executed, long nowNanos) {
    done = true;
    CallContext.Registration registered = registration;
    if (registered != null) {
      registered.remove();
    }
    Call call = invocation.call();
    call.completedAt(time.at(nowNanos));
    if (executed) {
      agent.stats().calls.running().decrement();
    } else {
      agent.stats().calls.queued().decrement();
    }
    record(call, failure, executed);
    // A call whose listeners are still told of its beginning is not over for the node.
    Runnable told = telling ? () -> {} : ending();
    end(queueing, failure);
    try {
      completion.done(failure);
    } finally {
      told.run();
    }
  }

  private static void end(Span span, @Nullable Throwable failure) {
    if (failure instanceof FnException known) {
      span.setStatus(StatusCode.ERROR, Integer.toString(known.code()));
    } else if (failure != null) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  private void record(Call call, @Nullable Throwable failure, boolean executed) {
    AgentMeters.Counts counts = agent.stats().calls.of(call.appId(), call.fnId());
    if (failure == null) {
      call.status("success");
      counts.completed().increment();
      return;
    }
    call.error(String.valueOf(failure.getMessage()));
    int code = failure instanceof FnException e ? e.code() : 500;
    call.status(code == 504 ? "timeout" : "error");
    if (InvocationErrors.isServerBusy(failure)) {
      counts.serverBusy().increment();
    } else if (code == 444) {
      counts.canceled().increment();
    } else if (code == 504 && executed) {
      // What else comes with this code, such as an image that is not pulled in time, is an error.
      counts.timeouts().increment();
    } else {
      counts.errors().increment();
    }
  }

  private static FnException whileWaiting(CancelCause cause) {
    return switch (cause) {
      case CLIENT_GONE -> InvocationErrors.clientCancelled();
      case DEADLINE, PLACER_TIMEOUT, ATTEMPT_OVER, SHUTDOWN -> InvocationErrors.serverBusy();
    };
  }

  private static FnException whileExecuting(CancelCause cause) {
    return switch (cause) {
      case CLIENT_GONE, ATTEMPT_OVER, PLACER_TIMEOUT -> InvocationErrors.clientCancelled();
      case DEADLINE -> InvocationErrors.callTimeout();
      // Not "busy": the function has begun, and nobody may begin it again elsewhere.
      case SHUTDOWN -> new ServiceException(500, "The runner stopped before the function ended");
    };
  }

  private void onLoop(Runnable action) {
    if (eventLoop().inEventLoop()) {
      action.run();
      return;
    }
    try {
      eventLoop().execute(action);
    } catch (RejectedExecutionException e) {
      LogIds.on(log.atWarn(), invocation.call())
          .log("The event loop of a call is gone before its end");
    }
  }
}
