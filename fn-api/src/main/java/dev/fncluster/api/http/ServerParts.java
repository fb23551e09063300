package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one server share.
 *
 * @param lastRequests how long requests are still taken of a client that is told to send no more:
 *     they may be on their way, or wait to be read
 */
record ServerParts(
    HttpServerSettings settings,
    Router router,
    RootMiddleware root,
    Cors cors,
    RequestObserver observer,
    HttpDate date,
    ReplaySpace replaySpace,
    String scheme,
    @Nullable TrustedProxies proxies,
    Duration lastRequests) {
  /** The request as its client sent it. */
  HttpRequestHead seen(HttpRequestHead head) {
    return proxies == null ? head : proxies.seenThrough(head);
  }
}
