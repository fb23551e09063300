package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;

/** Confined to its event loop. A client's connection, as the server stops it. */
interface ServedConnection {
  /** Answers what is under way, has the client send no more, and closes. */
  void drain();

  /** Ends what is under way, with a cause, and waits for nothing more. */
  void cancel(CancelCause cause);

  /**
   * Whether {@code cause} means that a connection broke, or its TLS. That is everyday, and may be
   * brought about: it must not fill the log.
   */
  static boolean isBroken(Throwable cause) {
    return cause instanceof IOException || cause instanceof DecoderException;
  }
}
