package dev.fncluster.runner;

import dev.fncluster.runner.container.ContainerStarter;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * What a launch has of the node until its container is made: a place among the starts, and room. If
 * its image does not come soon it gives both to others; a registry that hangs takes nothing from
 * functions that are well.
 *
 * <p>Thread-safe.
 */
final class LaunchTurn implements ContainerStarter.Turn {
  /** The image is there, and the room is not any more: whether to launch is to be decided anew. */
  static final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoRoomException() {
      super("others have the room by now");
    }
  }

  private final ResourceTracker resources;
  private final ResourceAmount amount;
  private final StartPlaces.Place place;
  private @Nullable Reservation reservation;

  /**
   * Takes a place.
   *
   * @param reservation of the container
   * @param onLent run when others may have place and room meanwhile; must not block
   */
  LaunchTurn(
      StartPlaces places, ResourceTracker resources, Reservation reservation, Runnable onLent) {
    this.resources = resources;
    this.amount = reservation.amount();
    this.reservation = reservation;
    this.place =
        places.take(() -> {
          releaseRoom();
          onLent.run();
        });
  }

  /**
   * As it says there.
   *
   * @throws NoRoomException when others took the room meanwhile
   */
  @Override
  public Reservation await() throws InterruptedException {
    place.claim();
    synchronized (this) {
      Reservation own = reservation;
      reservation = null;
      Reservation given = own == null ? resources.reserve(amount) : own;
      if (given == null) {
        throw new NoRoomException();
      }
      return given;
    }
  }

  /** The launch is over. What {@link #await} gave is the container's. */
  void end() {
    place.leave();
    releaseRoom();
  }

  private synchronized void releaseRoom() {
    Reservation own = reservation;
    reservation = null;
    if (own != null) {
      own.release();
    }
  }
}
