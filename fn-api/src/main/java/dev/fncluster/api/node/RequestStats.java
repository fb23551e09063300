package dev.fncluster.api.node;

import dev.fncluster.api.http.RequestEnd;
import dev.fncluster.api.http.RequestObserver;
import dev.fncluster.api.model.Call;
import dev.fncluster.stats.ApiMeters;
import java.util.concurrent.TimeUnit;

/** Has the requests of a listener counted. Thread-safe. */
final class RequestStats implements RequestObserver {
  private final ApiMeters meters;

  RequestStats(ApiMeters meters) {
    this.meters = meters;
  }

  @Override
  public void connectionRefused() {
    meters.connectionRefused();
  }

  @Override
  public void started(String method, String route) {
    meters.started(method, route);
  }

  @Override
  public void finished(RequestEnd end) {
    String blame =
        switch (end.blame()) {
          case USER -> "user";
          case SERVICE -> "service";
        };
    Call call = end.call();
    meters.finished(
        end.method(),
        end.route(),
        end.status(),
        blame,
        end.fdkVersion(),
        call == null ? "" : call.appId(),
        call == null ? "" : call.fnId(),
        TimeUnit.NANOSECONDS.toMillis(end.nanos()));
  }
}
