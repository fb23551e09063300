package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;

/** Confined to its event loop. A client's connection, as the server stops it. */
interface ServedConnection {
  /** Answers what is under way and nothing after it. */
  void drain();

  /** Ends what is under way, with a cause. */
  void cancel(CancelCause cause);
}
