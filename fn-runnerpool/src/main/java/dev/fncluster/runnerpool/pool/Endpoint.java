package dev.fncluster.runnerpool.pool;

import dev.fncluster.runnerpool.RunnerAddress;

/**
 * A runner that a pool is told of.
 *
 * @param address where it listens, which identifies it
 * @param serverName what its certificate must be for, where there is TLS
 */
public record Endpoint(RunnerAddress address, String serverName) {
  /** A runner whose certificate is for the host of its address. */
  public static Endpoint of(RunnerAddress address) {
    return new Endpoint(address, address.host());
  }
}
