package dev.fncluster.runner.docker.image;

/** A registry, or the engine on its behalf, said no. */
public final class PullFailedException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * A failure.
   *
   * @param status the engine's HTTP status; 0 when the pull had begun before it failed
   * @param message the engine's words
   */
  public PullFailedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The engine's HTTP status; 0 when the pull had begun before it failed. */
  public int status() {
    return status;
  }

  /** The words, never null. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
