package dev.fncluster.runner.container;

/** One container of a driver. Its methods block, with a bound. Thread-safe. */
public interface DriverContainer {
  /** Starts its process. */
  void start() throws InterruptedException;

  /** Ends its process at once and removes all that is left of it. Idempotent. */
  void remove() throws InterruptedException;
}
