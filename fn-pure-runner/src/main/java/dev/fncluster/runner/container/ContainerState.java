package dev.fncluster.runner.container;

/**
 * Where in its life a hot container is.
 *
 * <pre>
 *   WAIT ──▶ START ──▶ IDLE ⇄ BUSY
 *     │        │        ⇅      ▲
 *     │        │      PAUSED ──┘
 *     └────────┴────────┴──────┴──▶ DONE
 * </pre>
 */
public enum ContainerState {
  /** Decided upon; its image and directory are being prepared. */
  WAIT,
  /** Being created and started, until its socket is ready. */
  START,
  /** Free. */
  IDLE,
  /** Free, and its processes are frozen or about to be. */
  PAUSED,
  /** Executing a call. */
  BUSY,
  /** Stopped, or never got as far. */
  DONE;

  /** Whether a container may go from this state to {@code next}. */
  public boolean mayBecome(ContainerState next) {
    return switch (this) {
      case WAIT -> next == START || next == DONE;
      case START -> next == IDLE || next == DONE;
      case IDLE -> next == BUSY || next == PAUSED || next == DONE;
      case PAUSED -> next == BUSY || next == IDLE || next == DONE;
      case BUSY -> next == IDLE || next == DONE;
      case DONE -> false;
    };
  }

  /** Whether a call could have the container. */
  public boolean isFree() {
    return this == IDLE || this == PAUSED;
  }
}
