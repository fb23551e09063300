package dev.fncluster.benchmarks;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Headers;
import java.time.Instant;
import java.util.Map;

/** An app, a fn and calls of it, as they might be of anybody. */
public final class SampleCalls {
  /** When they are made. */
  public static final Instant NOW = Instant.parse("2026-11-24T18:00:00.123Z");

  private SampleCalls() {}

  /** An app with two settings and an annotation. */
  public static App app() {
    return new App(
        "01M87E0EVQR00040KG1R000001",
        "orders",
        Map.of("REGION", "eu-central", "LOG_LEVEL", "info"),
        Map.of("team", "\"payments\""),
        null,
        "",
        NOW,
        NOW);
  }

  /** A fn with four settings. */
  public static Fn fn() {
    return new Fn(
        "01M87E0EA1R00040KH44000002",
        "price",
        app().id(),
        "registry.example.com/orders/price:1.4.2",
        256,
        30,
        60,
        Map.of(
            "DATABASE_URL", "postgresql://prices.example.com:5432/prices?sslmode=require",
            "CURRENCY", "EUR",
            "CACHE_SECONDS", "30",
            "FEATURES", "rebates,vouchers"),
        Map.of(),
        "",
        NOW,
        NOW);
  }

  /** The headers of a client's request, as handlers get them. */
  public static Headers requestHeaders() {
    return new Headers()
        .add("Content-Type", "application/json")
        .add("Content-Length", "1024")
        .add("Accept", "*/*")
        .add("User-Agent", "curl/8.5.0")
        .add("X-Forwarded-For", "192.0.2.17")
        .add("X-Tenant", "acme")
        .add("Connection", "keep-alive");
  }

  /** What a handler adds to what is known of the fn. */
  public static Call complete(Call ofFn) {
    return ofFn.id("01M87EHC0QR00040KW8W00890A")
        .status("running")
        .url("http://fn.example.com/invoke/01M87E0EA1R00040KH44000002")
        .method("POST")
        .headers(requestHeaders())
        .createdAt(NOW)
        .startedAt(NOW);
  }
}
