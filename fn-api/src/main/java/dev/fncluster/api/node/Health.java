package dev.fncluster.api.node;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.http.BlockingHandler;
import dev.fncluster.api.http.HttpHandler;
import dev.fncluster.api.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node tells those who probe it: that its process lives, and whether it can serve.
 *
 * <p>Thread-safe.
 */
final class Health {
  private enum State {
    STARTING,
    SERVING,
    STOPPING
  }

  private static final Logger log = LoggerFactory.getLogger(Health.class);
  private static final HttpResponse LIVE = HttpResponse.json(200, "{\"status\":\"live\"}");
  private static final HttpResponse READY = HttpResponse.json(200, "{\"status\":\"ready\"}");

  private final ReadinessCheck check;
  private volatile State state = State.STARTING;

  Health(ReadinessCheck check) {
    this.check = check;
  }

  void serving() {
    state = State.SERVING;
  }

  void stopping() {
    state = State.STOPPING;
  }

  /** 200 from an event loop: one that hangs is what a probe of this is to find. */
  HttpHandler live() {
    return exchange -> exchange.respond(LIVE);
  }

  /** 200 when the node can serve, else 503. */
  BlockingHandler ready() {
    return (request, body) -> {
      String obstacle = obstacle();
      if (obstacle != null) {
        throw new ServiceException(503, "not ready: " + obstacle);
      }
      return READY;
    };
  }

  private @Nullable String obstacle() {
    return switch (state) {
      case STARTING -> "starting";
      case STOPPING -> "stopping";
      case SERVING -> {
        try {
          yield check.obstacle();
        } catch (Exception e) {
          if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
          }
          log.atWarn().setCause(e).log("what this node needs can't be used");
          yield "what this node needs can't be used; its log says more";
        }
      }
    };
  }
}
