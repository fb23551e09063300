package dev.fncluster.runner.docker.engine;

import java.io.IOException;

/** The engine could not be asked, or did not answer: it is restarting, gone, or much too slow. */
public final class EngineUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what happened on the way to it. */
  public EngineUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether {@code failure} is of the connection, and not what an engine answered. */
  public static boolean isOfConnection(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return true;
      }
    }
    return false;
  }
}
