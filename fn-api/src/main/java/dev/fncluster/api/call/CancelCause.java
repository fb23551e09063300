package dev.fncluster.api.call;

/** Why a call, or one attempt at it, was given up. */
public enum CancelCause {
  /** The client closed its connection or reset its stream. */
  CLIENT_GONE,
  /** The caller's own deadline passed. */
  DEADLINE,
  /** No runner was found within the placer's timeout. */
  PLACER_TIMEOUT,
  /** This attempt is over; others may follow. */
  ATTEMPT_OVER,
  /** The node stops and the grace period is over. */
  SHUTDOWN
}
