package dev.fncluster.runner.resource;

import org.jspecify.annotations.Nullable;

/**
 * Keeps account of the memory and CPU that containers have reserved.
 *
 * <p>Thread-safe. Never waits; used when a container is launched and when one is gone, not on the
 * way of a warm call.
 */
public final class ResourceTracker {
  /** Something reserved; give it back once. */
  public interface Reservation {
    /** How much it is. */
    ResourceAmount amount();

    /** Gives the amount back; idempotent. */
    void release();
  }

  private final ResourceAmount total;
  private long usedMemory;
  private long usedMilliCpus;

  /** An account of {@code total}, nothing of it reserved. */
  public ResourceTracker(ResourceAmount total) {
    this.total = total;
  }

  /** What there is in all. */
  public ResourceAmount total() {
    return total;
  }

  /** What is reserved now. */
  public synchronized ResourceAmount used() {
    return new ResourceAmount(usedMemory, usedMilliCpus);
  }

  /** What could be reserved now. */
  public synchronized ResourceAmount free() {
    return new ResourceAmount(total.memory() - usedMemory, total.milliCpus() - usedMilliCpus);
  }

  /** Reserves {@code amount}, or returns null when it is not free. */
  public synchronized @Nullable Reservation reserve(ResourceAmount amount) {
    if (amount.memory() > total.memory() - usedMemory
        || amount.milliCpus() > total.milliCpus() - usedMilliCpus) {
      return null;
    }
    usedMemory += amount.memory();
    usedMilliCpus += amount.milliCpus();
    return new Reservation() {
      private boolean released;

      @Override
      public ResourceAmount amount() {
        return amount;
      }

      @Override
      public void release() {
        synchronized (ResourceTracker.this) {
          if (!released) {
            released = true;
            usedMemory -= amount.memory();
            usedMilliCpus -= amount.milliCpus();
          }
        }
      }
    };
  }
}
