package dev.fncluster.api.error;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * An error with an HTTP-like code and a text that a caller may see.
 *
 * <p>Everything else that is thrown is unexpected: callers get 500 and a fixed text, the log gets
 * the details.
 */
@API(status = API.Status.STABLE, since = "0.1")
public abstract sealed class FnException extends RuntimeException
    permits ServiceException, FunctionException {
  private static final long serialVersionUID = 1L;

  private final int code;

  FnException(int code, String message, @Nullable Throwable cause, boolean withTrace) {
    super(message, cause, false, withTrace);
    if (code < 100 || code > 599) {
      throw new IllegalArgumentException("error code " + code + " is not in 100 to 599");
    }
    this.code = code;
  }

  /** The HTTP status of this error, 100 to 599. */
  public final int code() {
    return code;
  }

  /** The text for the caller. */
  public final String publicMessage() {
    return String.valueOf(getMessage());
  }

  /** Who has to act. */
  public abstract Blame blame();
}
