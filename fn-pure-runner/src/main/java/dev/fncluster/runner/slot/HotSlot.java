package dev.fncluster.runner.slot;

import io.netty.channel.EventLoop;

/** A container that can take one call at a time. */
public interface HotSlot {
  /** The loop on which its connection lives. */
  EventLoop eventLoop();

  /** For how long it has been executing its present call, in nanoseconds; 0 when it is free. */
  long busyNanos(long nowNanos);

  /** Whether it takes no more calls, and has not been removed yet. */
  boolean isStopped();
}
