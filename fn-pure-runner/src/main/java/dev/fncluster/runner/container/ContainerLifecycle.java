package dev.fncluster.runner.container;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongSupplier;

/** The state of one container, with nothing but the allowed moves. Thread-safe, lock-free. */
public final class ContainerLifecycle {
  /** Hears of every move. */
  public interface Observer {
    /** A container began its life in {@code first}. */
    void entered(ContainerState first);

    /**
     * The container left {@code from}, where it had been for {@code nanos}, for {@code to}. Called
     * on the thread that moved it; must not block.
     */
    void moved(ContainerState from, ContainerState to, long nanos);
  }

  private record Stay(ContainerState state, long sinceNanos) {}

  private static final AtomicReferenceFieldUpdater<ContainerLifecycle, Stay> STAY =
      AtomicReferenceFieldUpdater.newUpdater(ContainerLifecycle.class, Stay.class, "stay");

  private volatile Stay stay;
  private final LongSupplier nanoClock;
  private final Observer observer;

  /** A container that starts in {@link ContainerState#WAIT}. */
  public ContainerLifecycle(LongSupplier nanoClock, Observer observer) {
    this.nanoClock = nanoClock;
    this.observer = observer;
    stay = new Stay(ContainerState.WAIT, nanoClock.getAsLong());
    observer.entered(ContainerState.WAIT);
  }

  /** The present state. */
  public ContainerState state() {
    return stay.state();
  }

  /**
   * Moves on, now.
   *
   * @return the state it was in before; {@link ContainerState#DONE} when it was stopped before, and
   *     stays so
   * @throws IllegalStateException for a move that is not allowed
   */
  public ContainerState moveTo(ContainerState next) {
    return moveTo(next, nanoClock.getAsLong());
  }

  /**
   * As the other one.
   *
   * @param nowNanos on the clock of this lifecycle
   */
  public ContainerState moveTo(ContainerState next, long nowNanos) {
    while (true) {
      Stay now = stay;
      if (now.state() == ContainerState.DONE) {
        return ContainerState.DONE;
      }
      if (!now.state().mayBecome(next)) {
        throw new IllegalStateException("container can't go from " + now.state() + " to " + next);
      }
      if (move(now, next, nowNanos)) {
        return now.state();
      }
    }
  }

  /**
   * Moves on from {@code from} and from nowhere else.
   *
   * @return whether it was there
   */
  public boolean move(ContainerState from, ContainerState to) {
    Stay now = stay;
    if (!from.mayBecome(to)) {
      throw new IllegalStateException("container can't go from " + from + " to " + to);
    }
    return now.state() == from && move(now, to, nanoClock.getAsLong());
  }

  private boolean move(Stay now, ContainerState next, long nowNanos) {
    if (!STAY.compareAndSet(this, now, new Stay(next, nowNanos))) {
      return false;
    }
    // Another thread may have moved it after this one looked at the clock.
    observer.moved(now.state(), next, Math.max(0, nowNanos - now.sinceNanos()));
    return true;
  }
}
