package dev.fncluster.runnerpool.pool;

import dev.fncluster.runnerpool.Runner;

/** Makes the runner behind an endpoint. Thread-safe. */
@FunctionalInterface
public interface EndpointRunnerFactory {
  /** A runner. Does not connect: an endpoint that can't be reached is no error. */
  Runner create(Endpoint endpoint);
}
