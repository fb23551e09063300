package dev.fncluster.runnerpool.dns;

/** What a service record points to. */
record SrvTarget(String host, int port) {}
