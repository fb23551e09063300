package dev.fncluster.runner.freeze;

import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Brings one container to where it should be, frozen or not: one operation after the other, in the
 * background. What it should be is asked before each, so that no freezing begins for a container
 * that a call has taken, and a call that comes while one is under way has it undone at once.
 *
 * <p>Thread-safe; no lock is held during an operation.
 */
public final class FreezeControl {
  private final Freezer freezer;
  private final BooleanSupplier wanted;
  private final Executor virtualThreads;
  private final Consumer<Exception> onFailure;

  private boolean working;
  private boolean frozen;
  private boolean broken;

  /**
   * Control of a container that runs.
   *
   * @param wanted whether the container should be frozen now; must not block
   * @param onFailure told, once, when an operation failed: no other follows but those of {@link
   *     #end}
   */
  public FreezeControl(
      Freezer freezer,
      BooleanSupplier wanted,
      Executor virtualThreads,
      Consumer<Exception> onFailure) {
    this.freezer = freezer;
    this.wanted = wanted;
    this.virtualThreads = virtualThreads;
    this.onFailure = onFailure;
  }

  /** What is wanted has changed. */
  public void update() {
    synchronized (this) {
      if (working || broken || frozen == wanted.getAsBoolean()) {
        return;
      }
      working = true;
    }
    virtualThreads.execute(this::work);
  }

  /**
   * Waits for what is under way and then thaws the container, for good. Blocks. From before this
   * call on, nobody wants it frozen.
   *
   * @return whether it is thawed
   */
  public boolean end(Duration limit) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (this) {
      while (working) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
      if (!frozen) {
        return true;
      }
      // Whoever works has the freezer to himself.
      working = true;
    }
    try {
      thaw();
      return true;
    } finally {
      ended();
    }
  }

  private void work() {
    try {
      while (true) {
        boolean freeze;
        synchronized (this) {
          freeze = wanted.getAsBoolean();
          if (freeze == frozen) {
            working = false;
            notifyAll();
            return;
          }
          // Also when the operation fails half-way it has to be undone.
          frozen = true;
        }
        if (freeze) {
          freezer.freeze();
        } else {
          thaw();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed(e);
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void thaw() throws InterruptedException, IOException {
    freezer.thaw();
    synchronized (this) {
      frozen = false;
    }
  }

  private void failed(Exception why) {
    synchronized (this) {
      broken = true;
    }
    ended();
    onFailure.accept(why);
  }

  private synchronized void ended() {
    working = false;
    notifyAll();
  }
}
