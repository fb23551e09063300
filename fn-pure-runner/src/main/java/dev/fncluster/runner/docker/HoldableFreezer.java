package dev.fncluster.runner.docker;

import dev.fncluster.runner.driver.Freezer;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A freezer that lets its container run while the engine is away: one that comes back ends the
 * containers of the one before, and a frozen process does not end.
 */
final class HoldableFreezer implements Freezer {
  private static final Logger log = LoggerFactory.getLogger(HoldableFreezer.class);

  private final Freezer freezer;
  private final Consumer<Boolean> observer;
  private volatile boolean held;

  /**
   * One that lets freeze.
   *
   * @param observer told whether the container is frozen
   */
  HoldableFreezer(Freezer freezer, Consumer<Boolean> observer) {
    this.freezer = freezer;
    this.observer = observer;
  }

  /**
   * From now on, until {@link #release}, the container is not frozen. Does not wait for that: where
   * the engine freezes, one that hangs takes its time for each of them. Any thread.
   */
  void hold() {
    held = true;
    Thread.ofVirtual().name("docker-thaw").start(this::thawForTheEngine);
  }

  private void thawForTheEngine() {
    if (!held) {
      return;
    }
    try {
      freezer.thaw();
    } catch (IOException e) {
      // Its processes have ended already, which is what this is for.
      log.atDebug().setCause(e).log("A container could not be thawed when the engine left");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** It may be frozen again. */
  void release() {
    held = false;
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    observer.accept(true);
    freezer.freeze();
    // Looked at afterwards: whoever sets it thaws afterwards, too.
    if (held) {
      thaw();
    }
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    freezer.thaw();
    observer.accept(false);
  }
}
