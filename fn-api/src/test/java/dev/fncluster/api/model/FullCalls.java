package dev.fncluster.api.model;

import java.time.Instant;
import java.util.Map;

/** Calls that have all fields, or few of them. */
final class FullCalls {
  private FullCalls() {}

  /** All fields that a load balancer may fill in, but those that calls over HTTP never have. */
  static Call full() {
    return new Call()
        .id("01M85QV210R00040GZJ0000001")
        .status("running")
        .image("registry.example/\u00fc\"<img>\"")
        .type(CallType.DETACHED)
        .url("http://lb.example/invoke/fnid?x=\u00fc")
        .method("POST")
        .timeout(2)
        .idleTimeout(3)
        .tmpfsSize(4)
        .memory(-1)
        .cpus(250)
        .config(Map.of("B", "two \"\u00fc\" \u2028", "A", "1", "\n", ""))
        .annotations(Map.of("k", "{\"b\":1.50,\"a\":[1e2]}", "a", "\"\u00fc\""))
        .headers(new Headers().add("X-B", "1").add("Accept", "*/*").add("X-B", "2").add("X-E", ""))
        .syslogUrl("tcp://h:1")
        .completedAt(Instant.parse("2026-11-24T02:58:27.000Z"))
        .createdAt(Instant.parse("2026-11-24T02:58:25.952Z"))
        .startedAt(Instant.parse("2026-11-24T02:58:26.007Z"))
        .appId("appid")
        .appName("my app")
        .triggerId("trigger")
        .fnId("fnid");
  }

  /** A call as it comes without a trigger, of a fn without settings. */
  static Call small() {
    return new Call()
        .id("1")
        .status("")
        .image("i")
        .createdAt(Instant.parse("2026-11-24T02:58:25.952Z"))
        .appId("a")
        .fnId("f");
  }

  /** Gives {@code to} what {@code from} has for itself, and not as one of its fn. */
  static Call ownFields(Call from, Call to) {
    return to.id(from.id())
        .status(from.status())
        .type(from.type())
        .url(from.url())
        .method(from.method())
        .headers(from.headers())
        .completedAt(from.completedAt())
        .createdAt(from.createdAt())
        .startedAt(from.startedAt())
        .triggerId(from.triggerId());
  }
}
