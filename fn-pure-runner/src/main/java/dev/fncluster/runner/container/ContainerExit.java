package dev.fncluster.runner.container;

/**
 * How the process of a container ended.
 *
 * @param code its exit code; -1 when it is not known
 */
public record ContainerExit(int code) {
  /** Whether the kernel killed it, most often because it ran out of memory. */
  public boolean isKilled() {
    return code == 137;
  }
}
