package dev.fncluster.api.node;

import dev.fncluster.api.call.LogIds;
import dev.fncluster.api.http.RequestEnd;
import dev.fncluster.api.http.RequestObserver;
import dev.fncluster.api.model.Call;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * A line in the log for every request that was routed and answered: ids, patterns and where it came
 * from, never what a client wrote into a path. Thread-safe; does not wait for the log.
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
  public void finished(RequestEnd end) {
    next.finished(end);
    LoggingEventBuilder line =
        log.atInfo()
            .addKeyValue("method", end.method())
            .addKeyValue("route", end.route())
            .addKeyValue("status", end.status())
            .addKeyValue("micros", TimeUnit.NANOSECONDS.toMicros(end.nanos()));
    InetAddress client = end.client();
    if (client != null) {
      line = line.addKeyValue("client", client.getHostAddress());
    }
    Call call = end.call();
    if (call != null) {
      line = LogIds.on(line, call);
    }
    line.log("answered");
  }
}
