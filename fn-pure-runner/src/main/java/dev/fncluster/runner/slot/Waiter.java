package dev.fncluster.runner.slot;

import io.netty.channel.EventLoop;

/**
 * A call that wants a container. Exactly one of {@link #assigned} and {@link #refused} is called,
 * on its event loop, unless the call was {@link SlotQueue#withdraw withdrawn}.
 *
 * @param <S> the kind of container
 */
public interface Waiter<S extends HotSlot> {
  /** The loop of the call. */
  EventLoop eventLoop();

  /**
   * The call owns {@code slot} now and must give it back.
   *
   * @param nowNanos since when, on the clock of the queue
   */
  void assigned(S slot, long nowNanos);

  /** There will be no container for this call. */
  void refused(Throwable why);
}
