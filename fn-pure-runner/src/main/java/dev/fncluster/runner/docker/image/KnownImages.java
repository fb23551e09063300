package dev.fncluster.runner.docker.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which image each name stood for when the engine was last asked. What was seen a moment ago is
 * <em>fresh</em>, unless something happened to the image meanwhile. Thread-safe; never blocks.
 *
 * <p>Changes are told while questions are under way, so that an answer may be out of date before it
 * is put down. Who asks therefore takes {@link #moment} first, and the answer only counts as fresh
 * if nothing changed since:
 *
 * <pre>
 *   asker: m = moment()   ask the engine ──────────▶ "there"      put(name, image, m): not fresh
 *   event:                        removed: forget(id)
 * </pre>
 */
final class KnownImages {
  /** How long an answer of the engine holds. */
  static final Duration LIFETIME = Duration.ofSeconds(60);

  // One that was forgotten may be removed while it is used, which the engine then refuses.
  private static final long NAMES = 10_000;

  private static final class Seen {
    final CachedImage image;
    final long nanos;
    volatile boolean stale;

    Seen(CachedImage image, long nanos) {
      this.image = image;
      this.nanos = nanos;
    }
  }

  private final Cache<String, Seen> byName = Caffeine.newBuilder().maximumSize(NAMES).build();
  private final AtomicLong changes = new AtomicLong();
  private final LongSupplier nanoClock;

  KnownImages(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** What is to be taken before the engine is asked. */
  long moment() {
    return changes.get();
  }

  /** The engine said, to a question that was asked after {@code moment}, what {@code name} is. */
  void put(String name, CachedImage image, long moment) {
    Seen seen = new Seen(image, nanoClock.getAsLong());
    byName.put(name, seen);
    // Looked at afterwards: whoever changes it marks what is there afterwards, too.
    if (changes.get() != moment) {
      seen.stale = true;
    }
  }

  /** What {@code name} stands for, if the engine need not be asked for it. */
  Optional<CachedImage> fresh(String name) {
    Seen seen = byName.getIfPresent(name);
    return seen == null || seen.stale || nanoClock.getAsLong() - seen.nanos >= LIFETIME.toNanos()
        ? Optional.empty()
        : Optional.of(seen.image);
  }

  /** What {@code name} stood for when it was last looked at; null when it never was. */
  @Nullable CachedImage last(String name) {
    Seen seen = byName.getIfPresent(name);
    return seen == null ? null : seen.image;
  }

  /** Something happened to the image of that id: it, or one of its names, may have gone. */
  void changed(String id) {
    changes.incrementAndGet();
    byName
        .asMap()
        .values()
        .forEach(each -> {
          if (each.image.id().equals(id)) {
            each.stale = true;
          }
        });
  }

  /** A name may stand for another image now, or may have gone. */
  void changedName(String name) {
    changes.incrementAndGet();
    Seen seen = byName.getIfPresent(name);
    if (seen != null) {
      seen.stale = true;
    }
  }

  /** Anything may have happened. */
  void changed() {
    changes.incrementAndGet();
    byName.asMap().values().forEach(each -> each.stale = true);
  }
}
