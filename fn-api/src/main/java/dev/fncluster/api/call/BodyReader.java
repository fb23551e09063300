package dev.fncluster.api.call;

import org.apiguardian.api.API;

/**
 * One reading of a {@link RequestBody}, pulled chunk by chunk: this is what carries back-pressure.
 *
 * <p>Confined to the event loop of its call.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface BodyReader {
  /**
   * Asks for the next chunk. Exactly one call of the consumer follows, maybe before this method
   * returns. Must not be called again before that, nor after the last chunk or a failure.
   */
  void request();

  /** Ends this reading: the consumer hears nothing more. Idempotent. */
  void cancel();
}
