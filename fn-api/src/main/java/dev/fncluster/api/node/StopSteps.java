package dev.fncluster.api.node;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the parts of a node one after the other within one grace period. A part that fails to stop
 * is logged and does not keep the others from being stopped.
 *
 * <p>For one thread.
 */
public final class StopSteps {
  private static final Logger log = LoggerFactory.getLogger(StopSteps.class);

  private final long deadlineNanos;
  private boolean interrupted;

  /** How one part is stopped. */
  @FunctionalInterface
  public interface Step {
    /**
     * Stops it.
     *
     * @param grace what is left of the grace period; zero at the least
     * @throws Exception any failure
     */
    void stop(Duration grace) throws Exception;
  }

  /** Steps that share {@code grace}, which begins to run now. */
  public StopSteps(Duration grace) {
    deadlineNanos = System.nanoTime() + grace.toNanos();
  }

  /** Takes the next step. */
  public StopSteps then(String what, Step step) {
    long left = interrupted ? 0 : Math.max(0, deadlineNanos - System.nanoTime());
    try {
      step.stop(Duration.ofNanos(left));
    } catch (InterruptedException e) {
      // Whoever stops the stopping wants it quick, not incomplete: go on without waiting.
      interrupted = true;
    } catch (Exception e) {
      log.atWarn().addKeyValue("part", what).setCause(e).log("could not be stopped cleanly");
    }
    return this;
  }

  /** Ends: an interrupt that came meanwhile is passed on. */
  public void end() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
