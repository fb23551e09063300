package dev.fncluster.api.http;

import dev.fncluster.api.replay.ReplaySpace;

/** What all connections of one server share. */
record ServerParts(
    HttpServerSettings settings,
    Router router,
    Cors cors,
    RequestObserver observer,
    HttpDate date,
    ReplaySpace replaySpace,
    String scheme) {}
