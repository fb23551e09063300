package dev.fncluster.runner;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * How many containers are being started at once on the node. A launch whose image does not come
 * soon costs this machine little: it gives its place to others, and gets one again, in its turn,
 * when the image is there.
 *
 * <p>Thread-safe.
 */
final class StartPlaces {
  // Images that are there are found in a hundredth of this.
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final int limit;
  private int taken;
  private int returning;

  /** Places for {@code limit} starts at once; more may be taken, which is up to the policy. */
  StartPlaces(int limit) {
    this.limit = limit;
  }

  /** Starts that go on, or are about to because their image has come. */
  synchronized int underWay() {
    return taken + returning;
  }

  /**
   * Takes a place for a launch.
   *
   * @param onLent run when others may have it meanwhile; must not block
   */
  Place take(Runnable onLent) {
    synchronized (this) {
      taken++;
    }
    return new Place(onLent);
  }

  private synchronized void free() {
    taken--;
    notifyAll();
  }

  /** The place of one launch. */
  final class Place {
    private final CompletableFuture<Boolean> prepared = new CompletableFuture<>();
    private final Runnable onLent;
    private boolean held = true;
    private boolean claimed;

    private Place(Runnable onLent) {
      this.onLent = onLent;
      prepared
          .completeOnTimeout(false, PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
          .thenAccept(inTime -> {
            if (!inTime) {
              lend();
            }
          });
    }

    /** The image does not come: others may have the place, unless it was claimed just now. */
    void lend() {
      synchronized (StartPlaces.this) {
        if (claimed || !give()) {
          return;
        }
      }
      onLent.run();
    }

    /**
     * The image is there: returns when the container may be started, which is at once unless the
     * place was given to others. Each of them has a limit of time.
     */
    void claim() throws InterruptedException {
      prepared.complete(true);
      synchronized (StartPlaces.this) {
        claimed = true;
        if (held) {
          return;
        }
        returning++;
        try {
          while (taken >= limit) {
            StartPlaces.this.wait();
          }
          taken++;
          held = true;
        } finally {
          returning--;
        }
      }
    }

    /** The launch is over. */
    void leave() {
      prepared.complete(true);
      boolean unused = give();
    }

    private boolean give() {
      synchronized (StartPlaces.this) {
        if (!held) {
          return false;
        }
        held = false;
        free();
        return true;
      }
    }
  }
}
