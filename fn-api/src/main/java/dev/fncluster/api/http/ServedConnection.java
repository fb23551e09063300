package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;

/** Confined to its event loop. A client's connection, as the server stops it. */
interface ServedConnection {
  /** Answers what is under way, has the client send no more, and closes. */
  void drain();

  /** Ends what is under way, with a cause, and waits for nothing more. */
  void cancel(CancelCause cause);
}
