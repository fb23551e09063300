package dev.fncluster.runner.slot;

import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * What a queue needs of the node to have containers launched.
 *
 * <p>Thread-safe; never blocks.
 *
 * @param <S> the kind of container
 */
public interface SlotLauncher<S extends HotSlot> {
  /** Starts under way on the node. */
  int startsUnderWay();

  /** Reserves what one more container of {@code queue} takes, or returns null when it is taken. */
  @Nullable Reservation reserve(SlotQueue<S> queue);

  /**
   * Makes room for a container of {@code queue} by stopping free ones of other kinds.
   *
   * @return whether there will be room in a moment
   */
  boolean makeRoom(SlotQueue<S> queue);

  /**
   * Launches a container of {@code queue} in the background. Calls {@link SlotQueue#started} if it
   * succeeds, and {@link SlotQueue#launchEnded} or {@link SlotQueue#launchPutOff} in any case.
   *
   * @param cause the call that gets the error if it fails
   */
  void launch(SlotQueue<S> queue, Waiter<S> cause, Reservation reservation);
}
