package dev.fncluster.api.plugin;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what others wrote so that it can't hold up the node: each step on a virtual thread of its
 * own, within a limit of time.
 *
 * <p>An {@link FnException} is what the caller is told. Anything else that is thrown, a result of
 * null, and a step that takes too long are errors of code 500 with a line in the log that names the
 * class of the extension. A step that takes too long is interrupted. One that does not heed that
 * keeps its thread; when there are {@link #MOST_STUCK} of those, the next steps are refused until
 * some of them have ended.
 *
 * <p>Thread-safe.
 */
public final class ExtensionRunner {
  /** The limit where nobody sets another one. */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

  /** How many steps may be over their limit and still run. */
  public static final int MOST_STUCK = 100;

  private static final Logger log = LoggerFactory.getLogger(ExtensionRunner.class);

  private final Duration limit;
  private final AtomicInteger stuck = new AtomicInteger();

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

  /**
   * Starts a step.
   *
   * @param extension whose step it is; its class is named in the log
   * @return its result on any thread; fails with an {@link FnException} and nothing else
   */
  public <T> CompletableFuture<T> start(Object extension, Subject subject, Callable<T> step) {
    CompletableFuture<T> result = new CompletableFuture<>();
    if (stuck.get() >= MOST_STUCK) {
      result.completeExceptionally(failed(extension, subject, "too many of its steps hang", null));
      return result;
    }
    Running<T> running = new Running<>(extension, subject, step);
    running.ended.whenComplete((outcome, late) -> running.tell(outcome, result));
    var unused = running.ended.completeOnTimeout(Outcome.late(), limit.toNanos(), NANOSECONDS);
    running.thread.start();
    return result;
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
   * Runs a step and waits for its result; for virtual threads.
   *
   * @throws FnException if it failed
   */
  public <T> T call(Object extension, Subject subject, Callable<T> step)
      throws InterruptedException {
    try {
      return start(extension, subject, step).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FnException failure) {
        throw failure;
      }
      throw InvocationErrors.internal(e.getCause());
    }
  }

  /** As {@link #call}, for a step without a result. */
  public void run(Object extension, Subject subject, Action step) throws InterruptedException {
    boolean unused =
        call(
            extension,
            subject,
            () -> {
              step.run();
              return Boolean.TRUE;
            });
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

  private static ServiceException failed(
      Object extension, Subject subject, String why, @Nullable Throwable cause) {
    subject
        .addTo(log.atError())
        .addKeyValue("extension", extension.getClass().getName())
        .addKeyValue("reason", why)
        .setCause(cause)
        .log("An extension failed");
    return new ServiceException(500, "an extension of this server failed", cause);
  }

  private record Outcome<T>(@Nullable T value, @Nullable Throwable failure, boolean isLate) {
    static <T> Outcome<T> late() {
      return new Outcome<>(null, null, true);
    }
  }

  private final class Running<T> {
    private final Object extension;
    private final Subject subject;
    private final Callable<T> step;
    private final CompletableFuture<Outcome<T>> ended = new CompletableFuture<>();
    private final Thread thread = Thread.ofVirtual().name("extension").unstarted(this::run);

    Running(Object extension, Subject subject, Callable<T> step) {
      this.extension = extension;
      this.subject = subject;
      this.step = step;
    }

    private void run() {
      Outcome<T> outcome;
      try {
        outcome = new Outcome<>(step.call(), null, false);
      } catch (Throwable t) {
        // Errors too: a jar made for another version fails to link here.
        outcome = new Outcome<>(null, t, false);
      }
      if (!ended.complete(outcome)) {
        stuck.decrementAndGet();
      }
    }

    void tell(Outcome<T> outcome, CompletableFuture<T> result) {
      T value = outcome.value();
      if (value != null) {
        result.complete(value);
      } else if (outcome.isLate()) {
        stuck.incrementAndGet();
        thread.interrupt();
        result.completeExceptionally(
            failed(extension, subject, "it took more than " + limit.toMillis() + " ms", null));
      } else if (outcome.failure() != null) {
        result.completeExceptionally(told(extension, subject, outcome.failure()));
      } else {
        result.completeExceptionally(failed(extension, subject, "it returned null", null));
      }
    }
  }
}
