package dev.fncluster.api.http;

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

  /** A request that had started is over. */
  void finished(RequestEnd end);

  /** A connection was closed because too many are open; nothing of it was read. */
  default void connectionRefused() {}

  /** Hears and does nothing. */
  static RequestObserver none() {
    return new RequestObserver() {
      @Override
      public void started(String method, String route) {}

      @Override
      public void finished(RequestEnd end) {}
    };
  }
}
