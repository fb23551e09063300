package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;
import org.jspecify.annotations.Nullable;

/** What all connections of one server share. */
record ServerParts(
    HttpServerSettings settings,
    Router router,
    RootMiddleware root,
    Cors cors,
    RequestObserver observer,
    HttpDate date,
    ReplaySpace replaySpace,
    String scheme,
    @Nullable TrustedProxies proxies) {
  /** The request as its client sent it. */
  HttpRequestHead seen(HttpRequestHead head) {
    return proxies == null ? head : proxies.seenThrough(head);
  }
}
