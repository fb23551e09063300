package dev.fncluster.api.http;

/** What all connections of one server share. */
record ServerParts(
    HttpServerSettings settings,
    Router router,
    Cors cors,
    RequestObserver observer,
    HttpDate date,
    int keepLimit,
    String scheme) {}
