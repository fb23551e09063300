package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.FnQuery;
import dev.fncluster.datastore.server.MariadbServer;
import dev.fncluster.datastore.server.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long pages and look-ups take with 100 apps and with 10,000, each with ten fns, on every
 * engine. Run by {@code bin/bench-store}, which shows the table that this writes; no part of the
 * tests.
 */
@Tag("database")
class StoreBenchmark {
  private static final int FEW = 100;
  private static final int MANY = 10_000;
  private static final int BATCH = 500;
  private static final int PAGE = 30;
  private static final int WARM_UP = 2_000;
  private static final int SAMPLES = 3_000;

  private final Random random = new Random(26);
  private final List<String> table = new ArrayList<>();

  @TempDir Path directory;

  /** The middle of the samples and what one in a hundred is over, in nanoseconds. */
  private record Times(long p50, long p99) {}

  @Test
  void measure() throws Exception {
    table.add("| store | read | p50, 100 apps | 10,000 apps | p99, 100 apps | 10,000 apps |");
    table.add("|---|---|---|---|---|---|");
    measure("SQLite", "sqlite3://" + directory.resolve("fn.db"));
    PostgresServer postgres = PostgresServer.shared();
    measure("PostgreSQL", postgres.url(postgres.newDatabase()));
    MariadbServer mariadb = MariadbServer.shared();
    measure("MariaDB", mariadb.url(mariadb.newDatabase()));
    String file = System.getProperty("fn.bench.report", "target/store-benchmark.md");
    Files.writeString(Path.of(file), String.join("\n", table) + "\n");
  }

  private void measure(String engine, String url) throws Exception {
    DatastoreSettings settings = new DatastoreSettings(url, Duration.ofSeconds(60));
    try (Datastore store = Datastores.open(settings)) {
      fill(settings, 0, FEW);
      Map<String, Times> few = reads(store, FEW);
      fill(settings, FEW, MANY);
      assertThat(store.apps(new AppQuery("", new Cursor(ManyRows.name(MANY - 2), ""), PAGE)))
          .as("the last app")
          .hasSize(1);
      Map<String, Times> many = reads(store, MANY);
      few.forEach((read, before) -> {
        Times after = Objects.requireNonNull(many.get(read));
        table.add(
            String.join(
                " | ",
                "| " + engine,
                read,
                micros(before.p50()),
                micros(after.p50()),
                micros(before.p99()),
                micros(after.p99()) + " |"));
      });
    }
  }

  private static void fill(DatastoreSettings settings, int start, int end) {
    Dialect dialect = Datastores.dialect(settings);
    try (HikariDataSource connections = new HikariDataSource(dialect.writers());
        Handle handle = Jdbi.create(connections).open()) {
      for (int i = start; i < end; i += BATCH) {
        ManyRows.insert(handle, i, Math.min(i + BATCH, end));
      }
      if (!(dialect instanceof SqliteDialect)) {
        // As the server does by itself before long.
        handle.execute(
            dialect instanceof PostgresDialect ? "ANALYZE" : "ANALYZE TABLE apps, fns, triggers");
      }
    }
  }

  private Map<String, Times> reads(Datastore store, int apps) {
    Map<String, Times> times = new LinkedHashMap<>();
    times.put("first page of apps", time(apps, i -> page(store, Cursor.START)));
    times.put(
        "middle page of apps",
        time(apps, i -> page(store, new Cursor(ManyRows.name(apps / 2), ""))));
    times.put(
        "last page of apps",
        time(apps, i -> page(store, new Cursor(ManyRows.name(apps - PAGE - 1), ""))));
    times.put(
        "page of fns of an app",
        time(
            apps,
            i ->
                store.fns(new FnQuery(ManyRows.appId(i), "", Cursor.START, PAGE)).size()
                    - ManyRows.FNS));
    times.put("app by id", time(apps, i -> store.app(ManyRows.appId(i)).config().size() - 3));
    times.put(
        "app by name",
        time(apps, i -> store.appIdByName(ManyRows.name(i)).compareTo(ManyRows.appId(i))));
    times.put(
        "fn by id",
        time(apps, i -> store.fn(ManyRows.fnId(i, i % ManyRows.FNS)).config().size() - 3));
    times.put(
        "trigger by source",
        time(
            apps,
            i ->
                store
                    .triggerBySource(ManyRows.appId(i), "http", ManyRows.source(i))
                    .id()
                    .compareTo(ManyRows.triggerId(i))));
    return times;
  }

  private static int page(Datastore store, Cursor cursor) {
    return store.apps(new AppQuery("", cursor, PAGE)).size() - PAGE;
  }

  /** Times reads of random apps; each gives zero when it found what it should. */
  private Times time(int apps, IntUnaryOperator read) {
    long[] nanos = new long[SAMPLES];
    for (int i = -WARM_UP; i < SAMPLES; i++) {
      int app = random.nextInt(apps);
      long began = System.nanoTime();
      int wrong = read.applyAsInt(app);
      long took = System.nanoTime() - began;
      assertThat(wrong).isZero();
      if (i >= 0) {
        nanos[i] = took;
      }
    }
    Arrays.sort(nanos);
    return new Times(nanos[SAMPLES / 2], nanos[SAMPLES * 99 / 100]);
  }

  private static String micros(long nanos) {
    return String.format(Locale.ROOT, "%d µs", (nanos + 500) / 1_000);
  }
}
