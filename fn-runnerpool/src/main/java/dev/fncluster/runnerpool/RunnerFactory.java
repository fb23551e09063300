package dev.fncluster.runnerpool;

/** Makes the runner behind an address. Thread-safe. */
@FunctionalInterface
public interface RunnerFactory {
  /**
   * A runner at {@code address}. Does not connect: an address that can't be reached is no error.
   */
  Runner create(RunnerAddress address);
}
