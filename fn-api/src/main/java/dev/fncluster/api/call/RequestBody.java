package dev.fncluster.api.call;

import org.apiguardian.api.API;

/**
 * A request body that can be read again from its start for every placement attempt, until somebody
 * says that no further attempt will follow.
 *
 * <p>Confined to the event loop of its call.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface RequestBody extends AutoCloseable {
  /** The length in bytes: 0 for no body, -1 when it is not known before the end. */
  long length();

  /**
   * Starts a reading from byte 0. An earlier reading is over: its consumer hears nothing more.
   *
   * @throws IllegalStateException when {@link #isReplayable()} is false and a reading was started
   *     before, or after {@link #close()}
   */
  BodyReader open(BodyConsumer consumer);

  /**
   * Whether {@link #open} can still be called. A body stops being replayable when it is {@link
   * #commit() committed}, or when more of it was read than is kept for a replay.
   */
  boolean isReplayable();

  /** No further reading will be started: what was kept for one is dropped. Idempotent. */
  void commit();

  /** The call is over: everything is released, unread input is left unread. Idempotent. */
  @Override
  void close();
}
