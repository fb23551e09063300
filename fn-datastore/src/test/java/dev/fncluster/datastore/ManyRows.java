package dev.fncluster.datastore;

import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Fills a store: each app has ten fns and one trigger. Ids do not come in the order of names. */
final class ManyRows {
  static final int FNS = 10;

  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Map<String, String> CONFIG =
      Map.of("DB_HOST", "db.example.com", "LOG_LEVEL", "info", "FEATURES", "a,b,c");

  private ManyRows() {}

  /** Adds the apps from {@code start} up to, not including, {@code end}; one transaction. */
  static void insert(Handle handle, int start, int end) {
    handle.useTransaction(transaction -> {
      for (int i = start; i < end; i++) {
        AppTable.insert(
            transaction, new App(appId(i), name(i), CONFIG, Map.of(), null, "", THEN, THEN));
        for (int f = 0; f < FNS; f++) {
          FnTable.insert(transaction, fn(i, f));
        }
        TriggerTable.insert(
            transaction,
            new Trigger(
                triggerId(i),
                name(5),
                appId(i),
                fnId(i, 5),
                THEN,
                THEN,
                "http",
                source(i),
                Map.of()));
      }
    });
  }

  private static Fn fn(int app, int number) {
    return new Fn(
        fnId(app, number),
        name(number),
        appId(app),
        "registry.example.com/team/image:1.2.3",
        128,
        30,
        30,
        CONFIG,
        Map.of(),
        "",
        THEN,
        THEN);
  }

  static String name(int number) {
    return String.format(Locale.ROOT, "name-%06d", number);
  }

  static String appId(int number) {
    // Every number once: the factor has no divisor in common with the modulus.
    return String.format(Locale.ROOT, "A%025d", number * 611_953L % 1_000_003L);
  }

  static String fnId(int app, int number) {
    return "F" + appId(app).substring(2) + number;
  }

  static String triggerId(int app) {
    return "T" + appId(app).substring(1);
  }

  static String source(int app) {
    return "/source/" + app;
  }
}
