package dev.fncluster.testfunction;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who answered: a random id of this process, and how many calls it has begun. Tests read them to
 * see whether a container was used again. Safe for use by several threads.
 */
final class Identity {
  private final String instance;
  private final AtomicLong calls = new AtomicLong();

  private Identity(String instance) {
    this.instance = instance;
  }

  static Identity random() {
    // No SecureRandom: loading its providers would be a large part of the time to start.
    long seed =
        System.nanoTime()
            ^ (ProcessHandle.current().pid() << 48)
            ^ System.currentTimeMillis() << 20;
    return new Identity(Long.toHexString(mix(seed)));
  }

  /**
   * The finishing step of a splittable generator: spreads seeds that differ little over all 64
   * bits.
   */
  private static long mix(long seed) {
    long mixed = (seed ^ (seed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  String instance() {
    return instance;
  }

  /** Counts a call and returns its number, from 1. */
  long countCall() {
    return calls.incrementAndGet();
  }
}
