package dev.fncluster.runner.driver;

import org.apiguardian.api.API;

/**
 * How the process of a container ended.
 *
 * @param code its exit code; -1 when it is not known
 */
@API(status = API.Status.STABLE, since = "0.1")
public record ContainerExit(int code) {
  /** Whether the kernel killed it, most often because it ran out of memory. */
  public boolean isKilled() {
    return code == 137;
  }
}
