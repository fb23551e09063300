package dev.fncluster.runner.resource;

import dev.fncluster.api.model.Call;

/**
 * An amount of what containers share.
 *
 * @param memory bytes, 0 or more
 * @param milliCpus thousandths of a CPU, 0 or more
 */
public record ResourceAmount(long memory, long milliCpus) {
  private static final long MEBIBYTE = 1024 * 1024;

  /** Nothing. */
  public static final ResourceAmount NONE = new ResourceAmount(0, 0);

  /** What the container of {@code call} takes: its memory with its {@code /tmp}, and its CPUs. */
  public static ResourceAmount of(Call call) {
    return new ResourceAmount(memory(call), call.cpus());
  }

  /** The part of {@code need} that {@code free} does not cover. */
  public static ResourceAmount deficit(ResourceAmount need, ResourceAmount free) {
    return new ResourceAmount(
        Math.max(0, need.memory - free.memory), Math.max(0, need.milliCpus - free.milliCpus));
  }

  /** Whether both parts are at most those of {@code total}. */
  public boolean fitsInto(ResourceAmount total) {
    return memory <= total.memory && milliCpus <= total.milliCpus;
  }

  /** Whether this is nothing at all. */
  public boolean isNone() {
    return memory == 0 && milliCpus == 0;
  }

  /** The sum. */
  public ResourceAmount plus(ResourceAmount other) {
    return new ResourceAmount(memory + other.memory, milliCpus + other.milliCpus);
  }

  /** The difference; {@code other} is part of this. */
  public ResourceAmount minus(ResourceAmount other) {
    return new ResourceAmount(memory - other.memory, milliCpus - other.milliCpus);
  }

  private static long memory(Call call) {
    long limit = Long.MAX_VALUE / MEBIBYTE / 2;
    // Both are unsigned and come from the wire: what is absurd must not wrap around to little.
    long mebibytes =
        Long.compareUnsigned(call.memory(), limit) > 0
            ? limit
            : call.memory() + Math.min(limit, call.tmpfsSize());
    return mebibytes * MEBIBYTE;
  }
}
