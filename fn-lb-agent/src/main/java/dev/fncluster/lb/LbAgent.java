package dev.fncluster.lb;

import dev.fncluster.api.call.CallAgent;
import dev.fncluster.api.call.CallCompletion;
import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.call.Invocation;
import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.model.SlotHash;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.CallListeners;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.OverriderChain;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.runnerpool.Placer;
import dev.fncluster.runnerpool.PlainRunnerCall;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.SessionGroup;
import dev.fncluster.stats.AgentMeters;
import dev.fncluster.stats.Exemplars;
import io.netty.util.concurrent.Future;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The load balancer's agent: starts calls, has them placed, and keeps the books. Thread-safe; each
 * call stays on its event loop. Knows nothing of HTTP.
 *
 * <p>The request body is closed when the call ends, before its completion is told; that of a
 * detached call when its caller is answered, at the earliest.
 */
public final class LbAgent implements CallAgent {
  private static final Logger log = LoggerFactory.getLogger(LbAgent.class);
  private static final Duration AFTER_CANCEL = Duration.ofSeconds(5);
  private static final Duration LONGEST_TIMER = Duration.ofDays(365);
  private static final CallListeners.Heard NOBODY = new CallListeners.Heard();
  private static final String TRIGGER_HEADER_PREFIX = "Fn-Http-H-";
  private static final int MAX_REQUEST_ID = 256;

  private final RunnerPool pool;
  private final Placer placer;
  private final LbAgentSettings settings;
  private final ExtensionRunner extensions;
  private final OverriderChain overriders;
  private final CallListeners listeners;
  private final AgentMeters meters;
  private final LbStats lbStats;
  private final InstantSource clock;
  private final Tracing tracing;
  private final boolean functionTimeouts;
  private final SessionGroup sessions = new SessionGroup();
  private final Set<CallContext> running = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  /**
   * An agent that traces nothing.
   *
   * @param pool owned by the agent, which shuts it down when it is closed
   * @param extensions whose overriders are applied, and whose listeners are told, before calls are
   *     placed
   */
  public LbAgent(
      RunnerPool pool,
      Placer placer,
      LbAgentSettings settings,
      CallExtensions extensions,
      AgentMeters meters,
      LbStats lbStats,
      InstantSource clock) {
    this(pool, placer, settings, extensions, meters, lbStats, clock, Tracing.off(), false);
  }

  /**
   * An agent.
   *
   * @param pool owned by the agent, which shuts it down when it is closed
   * @param extensions whose overriders are applied before calls are placed
   * @param tracing of calls
   * @param functionTimeouts whether calls whose functions took too long are counted among those
   *     that took too long, as runners count them, and not among the errors
   */
  public LbAgent(
      RunnerPool pool,
      Placer placer,
      LbAgentSettings settings,
      CallExtensions extensions,
      AgentMeters meters,
      LbStats lbStats,
      InstantSource clock,
      Tracing tracing,
      boolean functionTimeouts) {
    this.functionTimeouts = functionTimeouts;
    this.pool = pool;
    this.placer = placer;
    this.settings = settings;
    this.extensions = extensions.runner();
    this.overriders =
        new OverriderChain(extensions.overriders(), extensions.runner(), LbAgent::slotHash);
    this.listeners = new CallListeners(extensions.listeners(), extensions.runner());
    this.meters = meters;
    this.lbStats = lbStats;
    this.clock = clock;
    this.tracing = tracing;
  }

  @Override
  public void submit(Invocation invocation, CallCompletion completion) {
    Call call = invocation.call();
    counts(call).calls().increment();
    if (!sessions.enter()) {
      CallEnd end = CallEnd.ofError(InvocationErrors.serverBusy());
      count(call, end);
      invocation.body().close();
      completion.done(end.error());
      return;
    }
    meters.queued().increment();
    call.requestId(requestId(call));
    if (tracing.isOn()) {
      call.trace(
          tracing
              .fromClient(call.headers()::first)
              .about(call.id(), call.fnId(), call.appId())
              .ofRequest(call.requestId()));
    }
    if (overriders.isEmpty()) {
      begin(invocation, completion);
      return;
    }
    overriders.apply(
        invocation,
        new OverriderChain.Result() {
          @Override
          public void overridden(Invocation changed) {
            begin(changed, completion);
          }

          @Override
          public void refused(Throwable why) {
            refuse(invocation, CallEnd.ofError(why), completion);
          }
        });
  }

  private static Throwable answer(RuntimeException e) {
    return e instanceof FnException ? e : InvocationErrors.internal(e);
  }

  private void begin(Invocation given, CallCompletion completion) {
    CancelCause cause = given.context().cause();
    if (cause != null) {
      refuse(given, CallEnd.ofCause(cause, false, given.call().type()), completion);
      return;
    }
    Invocation invocation;
    try {
      invocation = withSlotHash(given);
    } catch (RuntimeException e) {
      // A model that an embedding program filled in wrongly.
      refuse(given, CallEnd.ofError(answer(e)), completion);
      return;
    }
    if (listeners.isEmpty()) {
      goOn(invocation, NOBODY, completion);
    } else {
      tellBeginning(invocation, completion);
    }
  }

  private void tellBeginning(Invocation invocation, CallCompletion completion) {
    CallListeners.Heard heard = new CallListeners.Heard();
    listeners.before(
        invocation.call(),
        invocation.eventLoop(),
        heard,
        failure -> {
          CancelCause cause = invocation.context().cause();
          if (failure != null) {
            refuse(invocation, CallEnd.ofError(failure), heard, completion);
          } else if (cause != null) {
            refuse(
                invocation,
                CallEnd.ofCause(cause, false, invocation.call().type()),
                heard,
                completion);
          } else {
            goOn(invocation, heard, completion);
          }
        });
  }

  private void goOn(Invocation invocation, CallListeners.Heard heard, CallCompletion completion) {
    meters.queued().decrement();
    meters.running().increment();
    switch (invocation.call().type()) {
      case SYNC -> placeSync(invocation, heard, completion);
      case DETACHED -> placeDetached(invocation, heard, completion);
    }
  }

  private static Invocation withSlotHash(Invocation given) {
    return given.slotHashId().isEmpty()
        ? new Invocation(
            given.call(),
            slotHash(given),
            given.extensions(),
            given.body(),
            given.response(),
            given.context(),
            given.eventLoop())
        : given;
  }

  private static String slotHash(Invocation invocation) {
    Call call = invocation.call();
    return SlotHash.hex(call, call.configWith(SlotHash.CONTAINER_CONFIG), "");
  }

  private void placeSync(Invocation given, CallListeners.Heard heard, CallCompletion completion) {
    Invocation invocation = with(given, given.body(), given.response(), given.context().child());
    place(
        invocation,
        heard,
        end -> {
          if (end.error() == null && !invocation.response().isHeadWritten()) {
            invocation.response().head(200, new Headers());
          }
          invocation.body().close();
          completion.done(end.error());
        });
  }

  private void placeDetached(
      Invocation given, CallListeners.Heard heard, CallCompletion completion) {
    long limitNanos = detachedLimit(given.call()).toNanos();
    // Not a child of the caller's context: that the caller leaves does not end the call.
    CallContext context = CallContext.withDeadline(System.nanoTime() + limitNanos);
    Future<?> timer =
        given
            .eventLoop()
            .schedule(() -> context.cancel(CancelCause.DEADLINE), limitNanos, TimeUnit.NANOSECONDS);
    DetachedAnswer answer = new DetachedAnswer(given.response(), completion);
    RequestBody body = new ReadingWatch(given.body(), answer::bodyRead);
    place(
        with(given, body, new HeadOnlySink(answer::head), context),
        heard,
        end -> {
          timer.cancel(false);
          body.close();
          if (answer.isAnswered()) {
            logUnheard(given.call(), end);
          }
          answer.ended(end.error());
        });
  }

  private Duration detachedLimit(Call call) {
    Duration sum =
        settings
            .detachedPlacerTimeout()
            .plusSeconds(call.timeout())
            .plus(settings.executionHeadroom());
    return sum.compareTo(LONGEST_TIMER) > 0 ? LONGEST_TIMER : sum;
  }

  private static void logUnheard(Call call, CallEnd end) {
    Throwable error = end.error();
    if (error != null) {
      LogIds.on(log.atInfo(), call)
          .addKeyValue("end", end.kind().tag())
          .setCause(error.getCause())
          .log("detached call failed after its caller was answered");
    }
  }

  private void place(Invocation invocation, CallListeners.Heard heard, Consumer<CallEnd> then) {
    Call model = invocation.call();
    CallContext context = invocation.context();
    running.add(context);
    if (stopping) {
      context.cancel(CancelCause.SHUTDOWN);
    }
    model.status("running").startedAt(clock.instant());
    placer.place(
        pool,
        new PlainRunnerCall(invocation),
        result -> {
          running.remove(context);
          // Nobody needs it any more; takes it out of the caller's context.
          context.cancel(CancelCause.ATTEMPT_OVER);
          meters.running().decrement();
          CallEnd told = CallEnd.of(result, model.type());
          CallEnd end = functionTimeouts ? told.withFunctionTimeouts() : told;
          count(model, end);
          Runnable ending = listeners.ending(model, heard, sessions::leave);
          then.accept(end);
          ending.run();
        });
  }

  /** Ends a call that never started. */
  private void refuse(Invocation invocation, CallEnd end, CallCompletion completion) {
    refuse(invocation, end, NOBODY, completion);
  }

  private void refuse(
      Invocation invocation, CallEnd end, CallListeners.Heard heard, CallCompletion completion) {
    meters.queued().decrement();
    count(invocation.call(), end);
    Runnable told = listeners.ending(invocation.call(), heard, sessions::leave);
    invocation.body().close();
    completion.done(end.error());
    told.run();
  }

  private void count(Call model, CallEnd end) {
    Instant now = clock.instant();
    Throwable error = end.error();
    model
        .status(end.kind().callStatus())
        .completedAt(now)
        .error(error == null ? "" : String.valueOf(error.getMessage()));
    AgentMeters.Counts counts = counts(model);
    switch (end.kind()) {
      case COMPLETED -> counts.completed().increment();
      case TIMEOUTS -> counts.timeouts().increment();
      case SERVER_BUSY -> counts.serverBusy().increment();
      case CANCELED -> counts.canceled().increment();
      case ERRORS -> counts.errors().increment();
    }
    record(model, end.kind(), ownMillis(model, now));
  }

  private AgentMeters.Counts counts(Call call) {
    return meters.of(call.appId(), call.fnId());
  }

  private void record(Call model, CallEnd.Kind kind, long millis) {
    CallTrace trace = model.trace();
    if (!trace.isOn()) {
      lbStats.ended(model, kind, millis);
      return;
    }
    Span whole = trace.whole();
    SpanContext ids = whole.getSpanContext();
    if (ids.isSampled()) {
      Exemplars.during(ids.getTraceId(), ids.getSpanId(), () -> lbStats.ended(model, kind, millis));
    } else {
      lbStats.ended(model, kind, millis);
    }
    if (kind == CallEnd.Kind.COMPLETED) {
      whole.end();
    } else {
      CallTrace.fail(whole, kind.tag());
    }
  }

  /** Milliseconds that a call took beside the execution of user code. */
  private static long ownMillis(Call model, Instant now) {
    Instant started = model.startedAt();
    Instant since = started != null ? started : model.createdAt();
    return since == null
        ? 0
        : Math.max(0, Duration.between(since, now).minusNanos(model.executionNanos()).toMillis());
  }

  private String requestId(Call model) {
    String header = settings.requestIdHeader();
    if (header.isEmpty()) {
      return "";
    }
    String direct = model.headers().first(header);
    // How triggers pass the client's headers on.
    String id = direct != null ? direct : model.headers().first(TRIGGER_HEADER_PREFIX + header);
    // Who brings none is given one, so that there is one to look for on every node.
    return id != null && isRequestId(id) ? id : model.id();
  }

  // It goes into the head of a stream, which takes plain text only and not much of it.
  private static boolean isRequestId(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_REQUEST_ID
        && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  private static Invocation with(
      Invocation given, RequestBody body, ResponseSink response, CallContext context) {
    return new Invocation(
        given.call(),
        given.slotHashId(),
        given.extensions(),
        body,
        response,
        context,
        given.eventLoop());
  }

  @Override
  public void close(Duration grace) throws InterruptedException {
    sessions.close();
    try {
      if (!sessions.awaitEmpty(grace)) {
        log.warn("{} calls are cancelled, {} after shutdown began", sessions.size(), grace);
        stopping = true;
        for (CallContext each : running) {
          each.cancel(CancelCause.SHUTDOWN);
        }
        sessions.awaitEmpty(AFTER_CANCEL);
      }
    } finally {
      extensions.run(
          pool,
          Subject.NONE,
          AFTER_CANCEL.plus(extensions.limit()),
          () -> pool.shutdown(AFTER_CANCEL));
    }
  }
}
