package dev.fncluster.api.access;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Remembers for five seconds what a {@link ReadDataAccess} said. Changes reach invocations that
 * much later at most; what was just created is there at once, because failures are not remembered.
 *
 * <p>What is in use is loaded again shortly before its time is over, so that callers of a busy fn
 * never wait. While the source can't be read (it throws anything but a 404), what is known is
 * served on, for up to five minutes after it was loaded. Each kind of object has a limit on how
 * many are kept.
 *
 * <p>Thread-safe. Loads run on virtual threads, {@value #LOADS_AT_ONCE} at once at most.
 */
public final class CachedDataAccess implements AsyncDataAccess, AutoCloseable {
  /** Entries of each kind that are kept when nothing else is said. */
  public static final int DEFAULT_MAX_ENTRIES = 10_000;

  static final int LOADS_AT_ONCE = 64;

  private static final Duration PERMIT_TIME = Duration.ofSeconds(10);

  private record TriggerKey(String appId, String type, String source) {}

  private final Runnable closer;
  private final LoadingTable<String, String> appIds;
  private final LoadingTable<String, App> apps;
  private final LoadingTable<String, Fn> fns;
  private final LoadingTable<TriggerKey, Trigger> triggers;

  private CachedDataAccess(
      ReadDataAccess source, int maxEntries, Ticker ticker, Executor threads, Runnable closer) {
    this.closer = closer;
    Loads loads = new Loads(threads, LOADS_AT_ONCE, PERMIT_TIME);
    appIds = new LoadingTable<>(source::appIdByName, maxEntries, ticker, loads);
    apps = new LoadingTable<>(source::app, maxEntries, ticker, loads);
    fns = new LoadingTable<>(source::fn, maxEntries, ticker, loads);
    triggers =
        new LoadingTable<>(
            key -> source.triggerBySource(key.appId(), key.type(), key.source()),
            maxEntries,
            ticker,
            loads);
  }

  /** A cache over {@code source}, which stays the caller's to close. */
  public static CachedDataAccess create(ReadDataAccess source) {
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fn-load-", 0).factory());
    return new CachedDataAccess(
        source, DEFAULT_MAX_ENTRIES, Ticker.systemTicker(), threads, threads::shutdownNow);
  }

  /** A cache on other time and threads. */
  static CachedDataAccess create(
      ReadDataAccess source, int maxEntries, Ticker ticker, Executor threads) {
    return new CachedDataAccess(source, maxEntries, ticker, threads, () -> {});
  }

  @Override
  public CompletableFuture<String> appIdByName(String name) {
    return appIds.get(name);
  }

  @Override
  public CompletableFuture<App> app(String id) {
    return apps.get(id);
  }

  @Override
  public CompletableFuture<Fn> fn(String id) {
    return fns.get(id);
  }

  @Override
  public CompletableFuture<Trigger> triggerBySource(String appId, String type, String source) {
    return triggers.get(new TriggerKey(appId, type, source));
  }

  /** Interrupts the loads that are under way; they fail. */
  @Override
  public void close() {
    closer.run();
  }
}
