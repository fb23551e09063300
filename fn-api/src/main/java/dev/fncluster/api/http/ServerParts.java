package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;

/** What all connections of one server share. */
record ServerParts(
    HttpServerSettings settings,
    Router router,
    RootMiddleware root,
    Cors cors,
    RequestObserver observer,
    HttpDate date,
    ReplaySpace replaySpace,
    String scheme) {}
