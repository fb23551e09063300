package dev.fncluster.api.node;

import dev.fncluster.api.error.Blame;
import dev.fncluster.api.http.RequestObserver;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line in the log for every request that was answered: ids and patterns, never what a client
 * wrote into a path. Thread-safe; does not wait for the log.
 */
final class AccessLog implements RequestObserver {
  private static final Logger log = LoggerFactory.getLogger("access");

  private final RequestObserver next;

  /** Also tells {@code next}. */
  AccessLog(RequestObserver next) {
    this.next = next;
  }

  @Override
  public void connectionRefused() {
    next.connectionRefused();
  }

  @Override
  public void started(String method, String route) {
    next.started(method, route);
  }

  @Override
  public void finished(
      String method, String route, int status, Blame blame, String fdkVersion, long nanos) {
    finished(method, route, status, blame, fdkVersion, "", nanos);
  }

  @Override
  public void finished(
      String method,
      String route,
      int status,
      Blame blame,
      String fdkVersion,
      String callId,
      long nanos) {
    next.finished(method, route, status, blame, fdkVersion, callId, nanos);
    var line =
        log.atInfo()
            .addKeyValue("method", method)
            .addKeyValue("route", route)
            .addKeyValue("status", status)
            .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(nanos));
    (callId.isEmpty() ? line : line.addKeyValue("call_id", callId)).log("answered");
  }
}
