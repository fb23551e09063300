package dev.fncluster.api.plugin;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what others wrote so that it can't hold up the node: each step on a virtual thread of its
 * own, within a limit of time.
 *
 * <p>An {@link FnException} is what the caller is told. Anything else that is thrown, a result of
 * null, and a step that takes too long are errors of code 500 with a line in the log that names the
 * class of the extension. A step that takes too long is interrupted, and what it may still return
 * is dropped. One that does not heed the interrupt keeps its thread; when there are {@link
 * #MOST_STUCK} of those of one class, the next steps of that class are refused until some of them
 * have ended.
 *
 * <p>Thread-safe.
 */
public final class ExtensionRunner {
  /** The limit where nobody sets another one. */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

  /** How many steps of one class may be over their limit and still run. */
  public static final int MOST_STUCK = 100;

  private static final Logger log = LoggerFactory.getLogger(ExtensionRunner.class);

  private final Duration limit;
  // By class: one that hangs must not take the others with it. As many as there are extensions.
  private final ConcurrentMap<Class<?>, AtomicInteger> stuck = new ConcurrentHashMap<>();

  /**
   * A runner.
   *
   * @param limit for each step; positive
   */
  public ExtensionRunner(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("no time for extensions: " + limit);
    }
    this.limit = limit;
  }

  /** A step without a result. */
  @FunctionalInterface
  public interface Action {
    /** Does it; may block. */
    void run() throws Exception;
  }

  /** How long a step may take where nothing else is said. */
  public Duration limit() {
    return limit;
  }

  /**
   * Starts a step.
   *
   * @param extension whose step it is, or its class; the class is named in the log
   * @return its result on any thread; fails with an {@link FnException} and nothing else
   */
  public <T> CompletableFuture<T> start(Object extension, Subject subject, Callable<T> step) {
    return begin(extension, subject, limit, step, ignored -> {}).result;
  }

  private <T> Running<T> begin(
      Object extension,
      Subject subject,
      Duration within,
      Callable<T> step,
      Consumer<? super T> late) {
    AtomicInteger stuckOnes = stuck.get(classOf(extension));
    Running<T> running = new Running<>(extension, subject, within, step, late);
    if (stuckOnes != null && stuckOnes.get() >= MOST_STUCK) {
      running.result.completeExceptionally(
          failed(extension, subject, "too many of its steps hang", null));
    } else {
      running.start();
    }
    return running;
  }

  /** As {@link #start}, for a step without a result. */
  public CompletableFuture<Boolean> start(Object extension, Subject subject, Action step) {
    return start(
        extension,
        subject,
        () -> {
          step.run();
          return Boolean.TRUE;
        });
  }

  /**
   * Runs a step and waits for its result; for virtual threads. If the waiting thread is
   * interrupted, so is the step.
   *
   * @throws FnException if it failed
   */
  public <T> T call(Object extension, Subject subject, Callable<T> step)
      throws InterruptedException {
    return call(extension, subject, limit, step, ignored -> {});
  }

  /**
   * As {@link #call(Object, Subject, Callable)}, with a limit of its own.
   *
   * @param within how long the step may take; positive
   * @param late gets what the step returns when nobody waits for it any more, to let go of it; on
   *     the thread of the step
   */
  public <T> T call(
      Object extension,
      Subject subject,
      Duration within,
      Callable<T> step,
      Consumer<? super T> late)
      throws InterruptedException {
    Running<T> running = begin(extension, subject, within, step, late);
    try {
      return running.result.get();
    } catch (InterruptedException e) {
      running.giveUp();
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FnException failure) {
        throw failure;
      }
      throw InvocationErrors.internal(e.getCause());
    }
  }

  /** As {@link #call(Object, Subject, Callable)}, for a step without a result. */
  public void run(Object extension, Subject subject, Action step) throws InterruptedException {
    run(extension, subject, limit, step);
  }

  /** As {@link #run(Object, Subject, Action)}, with a limit of its own. */
  public void run(Object extension, Subject subject, Duration within, Action step)
      throws InterruptedException {
    boolean unused =
        call(
            extension,
            subject,
            within,
            () -> {
              step.run();
              return Boolean.TRUE;
            },
            ignored -> {});
  }

  /**
   * What a caller is told of a failure of an extension that ran without this class, on an event
   * loop; logged unless it was meant for callers.
   */
  public static FnException told(Object extension, Subject subject, Throwable failure) {
    return failure instanceof FnException meant
        ? meant
        : failed(extension, subject, "it failed", failure);
  }

  /**
   * What a caller is told of an extension that broke its contract without throwing, which is
   * logged.
   *
   * @param why a few words for the operator, such as "it returned null"
   */
  public static FnException broken(Object extension, Subject subject, String why) {
    return failed(extension, subject, why, null);
  }

  private static ServiceException failed(
      Object extension, Subject subject, String why, @Nullable Throwable cause) {
    subject
        .addTo(log.atError())
        .addKeyValue("extension", classOf(extension).getName())
        .addKeyValue("reason", why)
        .setCause(cause)
        .log("An extension failed");
    return new ServiceException(500, "an extension of this server failed", cause);
  }

  /**
   * The class to be named, whose loader is that of its libraries too: {@code extension} may be that
   * itself, for while a constructor runs there is no object yet.
   */
  static Class<?> classOf(Object extension) {
    return extension instanceof Class<?> itself ? itself : extension.getClass();
  }

  private enum Ending {
    RETURNED,
    THROWN,
    TOOK_TOO_LONG,
    GIVEN_UP
  }

  private record Outcome<T>(Ending ending, @Nullable T value, @Nullable Throwable failure) {
    static <T> Outcome<T> without(Ending ending) {
      return new Outcome<>(ending, null, null);
    }
  }

  private final class Running<T> {
    final CompletableFuture<T> result = new CompletableFuture<>();

    private final Object extension;
    private final Subject subject;
    private final Duration within;
    private final Callable<T> step;
    private final Consumer<? super T> late;
    private final CompletableFuture<Outcome<T>> ended = new CompletableFuture<>();
    private final Thread thread = Thread.ofVirtual().name("extension").unstarted(this::run);

    Running(
        Object extension,
        Subject subject,
        Duration within,
        Callable<T> step,
        Consumer<? super T> late) {
      this.extension = extension;
      this.subject = subject;
      this.within = within;
      this.step = step;
      this.late = late;
    }

    void start() {
      ended.whenComplete((outcome, never) -> tell(outcome));
      var unused =
          ended.completeOnTimeout(
              // No limit and some seconds more are no limit, and no overflow.
              Outcome.without(Ending.TOOK_TOO_LONG), NANOSECONDS.convert(within), NANOSECONDS);
      thread.start();
    }

    /** Nobody waits for it any more. */
    void giveUp() {
      if (!ended.complete(Outcome.without(Ending.GIVEN_UP))) {
        result.thenAccept(this::drop);
      }
    }

    private void run() {
      Outcome<T> outcome;
      // Libraries in its jar look for their services and resources there, and not at the node's.
      thread.setContextClassLoader(classOf(extension).getClassLoader());
      try {
        outcome = new Outcome<>(Ending.RETURNED, step.call(), null);
      } catch (Throwable t) {
        // Errors too: a jar made for another version fails to link here.
        outcome = new Outcome<>(Ending.THROWN, null, t);
      }
      if (!ended.complete(outcome)) {
        stuckOnes().decrementAndGet();
        drop(outcome.value());
      }
    }

    private AtomicInteger stuckOnes() {
      return stuck.computeIfAbsent(classOf(extension), first -> new AtomicInteger());
    }

    private void drop(@Nullable T value) {
      if (value == null) {
        return;
      }
      try {
        late.accept(value);
      } catch (RuntimeException | LinkageError e) {
        log.atWarn()
            .addKeyValue("extension", classOf(extension).getName())
            .setCause(e)
            .log("What an extension made too late could not be let go of");
      }
    }

    private void tell(Outcome<T> outcome) {
      switch (outcome.ending()) {
        case RETURNED -> {
          T value = outcome.value();
          if (value == null) {
            result.completeExceptionally(failed(extension, subject, "it returned null", null));
          } else {
            result.complete(value);
          }
        }
        case THROWN ->
            result.completeExceptionally(
                told(extension, subject, Objects.requireNonNull(outcome.failure())));
        case TOOK_TOO_LONG -> {
          leaveBehind();
          result.completeExceptionally(
              failed(extension, subject, "it took more than " + within.toMillis() + " ms", null));
        }
        case GIVEN_UP -> {
          leaveBehind();
          result.cancel(false);
        }
      }
    }

    private void leaveBehind() {
      stuckOnes().incrementAndGet();
      thread.interrupt();
    }
  }
}
