package dev.fncluster.api.call;

import org.jspecify.annotations.Nullable;

/** Told once, on the event loop of the call, how the call ended. */
@FunctionalInterface
public interface CallCompletion {
  /**
   * The call is over; nothing more is written to its {@link ResponseSink}.
   *
   * @param failure null for success; an {@link dev.fncluster.api.error.FnException} is an answer
   *     for the caller, anything else an internal error
   */
  void done(@Nullable Throwable failure);
}
