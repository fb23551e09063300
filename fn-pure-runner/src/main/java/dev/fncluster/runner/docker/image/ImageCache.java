package dev.fncluster.runner.docker.image;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Keeps account of images: those that containers use, and the others in the order of their last
 * use. Thread-safe.
 */
final class ImageCache {
  /** How much there is. */
  record Totals(int busyCount, long busySize, int idleCount, long idleSize) {}

  private static final class Busy {
    final CachedImage image;
    int users;

    Busy(CachedImage image) {
      this.image = image;
    }
  }

  private final Set<String> exemptTags;
  private final long maxSize;
  private final Runnable whenFull;
  private final Map<String, Busy> busy = new HashMap<>();
  // The last used one comes last.
  private final LinkedHashMap<String, CachedImage> idle = new LinkedHashMap<>();
  private long busySize;
  private long idleSize;

  /**
   * An empty cache.
   *
   * @param exemptTags names of images that are not kept account of
   * @param maxSize bytes that all images may take together
   * @param whenFull run after each change that leaves more than that, while something could be
   *     removed; must not block
   */
  ImageCache(Set<String> exemptTags, long maxSize, Runnable whenFull) {
    this.exemptTags = Set.copyOf(exemptTags);
    this.maxSize = maxSize;
    this.whenFull = whenFull;
  }

  /** The image is there, and was used just now; nothing changes for one that is in use. */
  void update(CachedImage image) {
    if (isExempt(image)) {
      return;
    }
    boolean full;
    synchronized (this) {
      if (!busy.containsKey(image.id())) {
        addIdle(image);
      }
      full = isFull();
    }
    tell(full);
  }

  /** One more container uses the image. */
  void markBusy(CachedImage image) {
    if (isExempt(image)) {
      return;
    }
    boolean full;
    synchronized (this) {
      removeIdle(image.id());
      Busy entry = busy.get(image.id());
      if (entry == null) {
        entry = new Busy(image);
        busy.put(image.id(), entry);
        busySize += image.size();
      }
      entry.users++;
      full = isFull();
    }
    tell(full);
  }

  /** A container that used the image has gone. */
  void markFree(CachedImage image) {
    boolean full;
    synchronized (this) {
      Busy entry = busy.get(image.id());
      if (entry == null) {
        return;
      }
      if (--entry.users == 0) {
        busy.remove(image.id());
        busySize -= entry.image.size();
        addIdle(entry.image);
      }
      full = isFull();
    }
    tell(full);
  }

  /** Takes out the image that nobody has used for the longest time. */
  Optional<CachedImage> pop() {
    return pop(image -> true);
  }

  /** Of those that {@code allowed} lets pass, as {@link #pop()}. */
  synchronized Optional<CachedImage> pop(Predicate<CachedImage> allowed) {
    Optional<CachedImage> oldest = idle.values().stream().filter(allowed).findFirst();
    oldest.ifPresent(image -> removeIdle(image.id()));
    return oldest;
  }

  /** An image that was popped is still there: nobody has used it for the longest time. */
  synchronized void putBack(CachedImage image) {
    if (!busy.containsKey(image.id()) && !idle.containsKey(image.id())) {
      idle.putFirst(image.id(), image);
      idleSize += image.size();
    }
  }

  /** The image has gone; nothing changes for one that is in use. */
  synchronized void forget(String id) {
    removeIdle(id);
  }

  /** Whether nobody uses the image. */
  synchronized boolean isIdle(String id) {
    return idle.containsKey(id);
  }

  /** Whether there is too much, and something that could be removed. */
  synchronized boolean isOverCapacity() {
    return isFull();
  }

  synchronized Totals totals() {
    return new Totals(busy.size(), busySize, idle.size(), idleSize);
  }

  long maxSize() {
    return maxSize;
  }

  private boolean isFull() {
    return idleSize > 0 && idleSize + busySize >= maxSize;
  }

  private void addIdle(CachedImage image) {
    removeIdle(image.id());
    idle.putLast(image.id(), image);
    idleSize += image.size();
  }

  private void removeIdle(String id) {
    CachedImage known = idle.remove(id);
    if (known != null) {
      idleSize -= known.size();
    }
  }

  private boolean isExempt(CachedImage image) {
    return image.repoTags().stream().anyMatch(exemptTags::contains);
  }

  private void tell(boolean full) {
    if (full) {
      whenFull.run();
    }
  }
}
