package dev.fncluster.api.call;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * The one notion of cancellation: a context is live until somebody cancels it with a cause, which
 * then never changes. Cancelling a context cancels its children with the same cause, never its
 * parent.
 *
 * <pre>
 *   client's context ──▶ placement attempt 1 (cancelled: ATTEMPT_OVER)
 *                    └─▶ placement attempt 2 (live)
 * </pre>
 *
 * <p>Thread-safe. Listeners run on the thread that cancels, outside of any lock, once, in the order
 * in which they were added; a listener added to a cancelled context runs at once on the adding
 * thread. Listeners must not block or throw.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class CallContext {
  /** Takes a listener away again; idempotent. */
  @FunctionalInterface
  public interface Registration {
    /** The listener will not be called any more, unless it is being called right now. */
    void remove();
  }

  private static final Registration NONE = () -> {};

  private final long deadlineNanos;
  private final boolean hasDeadline;
  private @Nullable Registration inParent;
  private @Nullable CancelCause cause;
  private @Nullable List<Consumer<CancelCause>> listeners;

  private CallContext(boolean hasDeadline, long deadlineNanos) {
    this.hasDeadline = hasDeadline;
    this.deadlineNanos = deadlineNanos;
  }

  /** A live context without a parent or deadline. */
  public static CallContext create() {
    return new CallContext(false, 0);
  }

  /**
   * A live context that says when the caller will stop waiting. The context does not cancel itself:
   * whoever sets a deadline also arms the timer that cancels with {@link CancelCause#DEADLINE}.
   *
   * @param deadlineNanos on the scale of {@link System#nanoTime()}
   */
  public static CallContext withDeadline(long deadlineNanos) {
    return new CallContext(true, deadlineNanos);
  }

  /** A context that ends with this one at the latest, with the same deadline. */
  public CallContext child() {
    CallContext child = new CallContext(hasDeadline, deadlineNanos);
    Registration registration = onCancel(child::cancel);
    synchronized (child) {
      if (child.cause == null) {
        child.inParent = registration;
        return child;
      }
    }
    registration.remove();
    return child;
  }

  /**
   * Ends this context and its children.
   *
   * @return whether this call ended it; false when it had ended before
   */
  public boolean cancel(CancelCause why) {
    Objects.requireNonNull(why, "why");
    List<Consumer<CancelCause>> toRun;
    Registration leave;
    synchronized (this) {
      if (cause != null) {
        return false;
      }
      cause = why;
      toRun = listeners == null ? List.of() : listeners;
      listeners = null;
      leave = inParent;
      inParent = null;
    }
    if (leave != null) {
      leave.remove();
    }
    for (Consumer<CancelCause> listener : toRun) {
      listener.accept(why);
    }
    return true;
  }

  /** Why this context ended, or null while it is live. */
  public synchronized @Nullable CancelCause cause() {
    return cause;
  }

  /** Whether this context has ended. */
  public boolean isCancelled() {
    return cause() != null;
  }

  /** Whether {@link #deadlineNanos()} means anything. */
  public boolean hasDeadline() {
    return hasDeadline;
  }

  /** The deadline on the scale of {@link System#nanoTime()}, if {@link #hasDeadline()}. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  /** Has {@code listener} told of the end of this context. */
  public Registration onCancel(Consumer<CancelCause> listener) {
    Objects.requireNonNull(listener, "listener");
    CancelCause already;
    synchronized (this) {
      already = cause;
      if (already == null) {
        List<Consumer<CancelCause>> all = listeners;
        if (all == null) {
          all = new ArrayList<>(2);
          listeners = all;
        }
        all.add(listener);
        return () -> remove(listener);
      }
    }
    listener.accept(already);
    return NONE;
  }

  private synchronized void remove(Consumer<CancelCause> listener) {
    List<Consumer<CancelCause>> all = listeners;
    if (all == null) {
      return;
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i) == listener) {
        all.remove(i);
        return;
      }
    }
  }
}
