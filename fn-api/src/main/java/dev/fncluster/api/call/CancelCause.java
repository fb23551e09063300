package dev.fncluster.api.call;

import org.apiguardian.api.API;

/** Why a call, or one attempt at it, was given up. */
@API(status = API.Status.STABLE, since = "0.1")
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
