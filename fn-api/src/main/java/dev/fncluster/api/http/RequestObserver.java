package dev.fncluster.api.http;

import dev.fncluster.api.error.Blame;

/**
 * Hears of every request that gets past the limits of size and origin, for the metrics. Called on
 * event loops: must not block or throw.
 */
public interface RequestObserver {
  /** What stands for the pattern where no route matched. */
  String INVALID_ROUTE = "invalid";

  /** What stands for a method that HTTP does not know, so that clients can't make up labels. */
  String OTHER_METHOD = "other";

  /**
   * A request was read and routed.
   *
   * @param method of HTTP, or {@link #OTHER_METHOD}
   * @param route the pattern of its route, or {@link #INVALID_ROUTE}
   */
  void started(String method, String route);

  /**
   * A request that had started is over.
   *
   * @param status what was sent, or 444 when the client had gone
   * @param blame who is the cause: the user for function errors and answers of functions
   * @param fdkVersion what the answer says of its function's development kit; may be empty
   * @param nanos since {@link #started}
   */
  void finished(
      String method, String route, int status, Blame blame, String fdkVersion, long nanos);

  /**
   * The same, with the id of the call that the request was; this is what listeners are told.
   *
   * @param callId empty for what was no call
   */
  default void finished(
      String method,
      String route,
      int status,
      Blame blame,
      String fdkVersion,
      String callId,
      long nanos) {
    finished(method, route, status, blame, fdkVersion, nanos);
  }

  /** A connection was closed because too many are open; nothing of it was read. */
  default void connectionRefused() {}

  /** Hears and does nothing. */
  static RequestObserver none() {
    return new RequestObserver() {
      @Override
      public void started(String method, String route) {}

      @Override
      public void finished(
          String method, String route, int status, Blame blame, String fdkVersion, long nanos) {}
    };
  }
}
