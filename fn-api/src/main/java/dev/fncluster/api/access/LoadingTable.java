package dev.fncluster.api.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.InvocationErrors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * What was loaded under its key, for a while.
 *
 * <pre>
 *   age of an entry    0 s ....... 4 s ............. 5 s ............. 5 min
 *   source answers         served      served and        callers share one
 *                                      reloaded          load, for 2 s
 *   source is down         served      served and        served and        gone
 *                                      reloaded          reloaded
 * </pre>
 *
 * <p>The age counts from the start of the load, so that while the source answers nothing is served
 * that it would not have said five seconds ago. Whether it answers is known from the last load: the
 * first callers after it went down wait for a load to fail, or two seconds, and then still get the
 * old entry.
 *
 * <p>What nobody asks for leaves when something else is loaded, within ten minutes.
 *
 * <p>Thread-safe. {@link #get} never blocks and allocates nothing for what is known.
 */
final class LoadingTable<K, V> {
  /** How long an entry is good. */
  static final Duration TIME_TO_LIVE = Duration.ofSeconds(5);

  /** The age at which an entry that is in use is loaded again, so that nobody waits for it. */
  static final Duration RELOAD_AFTER = Duration.ofSeconds(4);

  /** How long an entry is good while its source is down. */
  static final Duration STALE_LIMIT = Duration.ofMinutes(5);

  /** How long a caller waits for a newer value where there is an old one. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Loads waiting or running at most; who asks for more is turned away. */
  static final int MAX_LOADING = 4096;

  private static final long TIME_TO_LIVE_NANOS = TIME_TO_LIVE.toNanos();
  private static final long RELOAD_AFTER_NANOS = RELOAD_AFTER.toNanos();
  private static final long STALE_LIMIT_NANOS = STALE_LIMIT.toNanos();

  private static final class Entry<V> {
    final CompletableFuture<V> value;
    final long loadedAt;
    final AtomicBoolean reloading = new AtomicBoolean();

    Entry(V value, long loadedAt) {
      this.value = CompletableFuture.completedFuture(value);
      this.loadedAt = loadedAt;
    }
  }

  private final Cache<K, Entry<V>> entries;
  private final ConcurrentMap<K, CompletableFuture<V>> loading = new ConcurrentHashMap<>();
  private final Function<K, V> source;
  private final Ticker ticker;
  private final Loads loads;
  private final AtomicLong sweptAt;

  /**
   * An empty table.
   *
   * @param source gives the value of a key, or throws; may block
   */
  LoadingTable(Function<K, V> source, int maxEntries, Ticker ticker, Loads loads) {
    this.source = source;
    this.ticker = ticker;
    this.loads = loads;
    this.sweptAt = new AtomicLong(ticker.read());
    this.entries =
        Caffeine.newBuilder()
            .maximumSize(maxEntries)
            // Its upkeep is short, and a hand-off to another thread costs more.
            .executor(Runnable::run)
            .build();
  }

  /** The value of {@code key}: complete when it is known. */
  CompletableFuture<V> get(K key) {
    Entry<V> entry = entries.getIfPresent(key);
    if (entry == null) {
      return load(key);
    }
    long age = age(entry);
    if (age < RELOAD_AFTER_NANOS) {
      return entry.value;
    }
    if (age < TIME_TO_LIVE_NANOS || (loads.isSourceDown() && age < STALE_LIMIT_NANOS)) {
      if (entry.reloading.compareAndSet(false, true)) {
        var _ = load(key).whenComplete((value, failure) -> entry.reloading.set(false));
      }
      return entry.value;
    }
    CompletableFuture<V> newer = load(key);
    return age < STALE_LIMIT_NANOS && !newer.isDone() ? orOld(newer, entry.value.join()) : newer;
  }

  /** A source that says nothing for so long is as good as down, though the load goes on. */
  private CompletableFuture<V> orOld(CompletableFuture<V> newer, V old) {
    CompletableFuture<V> answer = new CompletableFuture<>();
    var _ =
        newer
            .orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
            .whenComplete((value, failure) -> {
              if (failure == null) {
                answer.complete(value);
              } else if (failure instanceof TimeoutException) {
                loads.sourceFailed();
                answer.complete(old);
              } else {
                answer.completeExceptionally(failure);
              }
            });
    return answer;
  }

  /** How many values are kept, old ones too. */
  int size() {
    return entries.asMap().size();
  }

  /** Joins the load that is under way, or begins one. */
  private CompletableFuture<V> load(K key) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> other = loading.putIfAbsent(key, mine);
    if (other != null) {
      return copy(other);
    }
    Entry<V> justLoaded = entries.getIfPresent(key);
    if (justLoaded != null && age(justLoaded) < RELOAD_AFTER_NANOS) {
      succeed(key, mine, justLoaded.value.join());
      return justLoaded.value;
    }
    CompletableFuture<V> answer = copy(mine);
    if (loading.size() > MAX_LOADING) {
      fail(key, mine, InvocationErrors.serverBusy());
      return answer;
    }
    try {
      loads.start(() -> run(key, mine));
    } catch (RuntimeException e) {
      fail(key, mine, e);
    }
    return answer;
  }

  private void run(K key, CompletableFuture<V> result) {
    long start = ticker.read();
    V value;
    try {
      value = loads.ask(() -> source.apply(key));
    } catch (Throwable e) {
      recover(key, result, e);
      return;
    }
    loads.sourceAnswered();
    entries.put(key, new Entry<>(value, start));
    sweep(start);
    succeed(key, result, value);
  }

  // Here and not by the cache, which would look at the clock with every question.
  private void sweep(long now) {
    long before = sweptAt.get();
    if (now - before >= STALE_LIMIT_NANOS && sweptAt.compareAndSet(before, now)) {
      entries.asMap().values().removeIf(entry -> now - entry.loadedAt >= STALE_LIMIT_NANOS);
    }
  }

  private void recover(K key, CompletableFuture<V> result, Throwable failure) {
    int code = failure instanceof FnException e ? e.code() : 500;
    if (code == 404) {
      loads.sourceAnswered();
      entries.invalidate(key);
      fail(key, result, failure);
      return;
    }
    // Other refusals are about one request, and a load that had no turn says nothing at all.
    if (code >= 500 && !InvocationErrors.isServerBusy(failure)) {
      loads.sourceFailed();
    }
    Entry<V> old = entries.getIfPresent(key);
    if (old != null && age(old) < STALE_LIMIT_NANOS) {
      succeed(key, result, old.value.join());
    } else {
      fail(key, result, failure);
    }
  }

  private void succeed(K key, CompletableFuture<V> result, V value) {
    loading.remove(key, result);
    result.complete(value);
  }

  private void fail(K key, CompletableFuture<V> result, Throwable failure) {
    loading.remove(key, result);
    result.completeExceptionally(failure);
  }

  private long age(Entry<V> entry) {
    return ticker.read() - entry.loadedAt;
  }

  /** For one caller: if he cancels it or gives it a timeout, the others don't notice. */
  private static <V> CompletableFuture<V> copy(CompletableFuture<V> shared) {
    CompletableFuture<V> copy = new CompletableFuture<>();
    var _ =
        shared.whenComplete((value, failure) -> {
          if (failure == null) {
            copy.complete(value);
          } else {
            copy.completeExceptionally(failure);
          }
        });
    return copy;
  }
}
