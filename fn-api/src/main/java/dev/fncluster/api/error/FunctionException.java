package dev.fncluster.api.error;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** An error that the function, or whoever deployed it, is to blame for. */
@API(status = API.Status.STABLE, since = "0.1")
public non-sealed class FunctionException extends FnException {
  private static final long serialVersionUID = 1L;

  /** An error of {@code code} (100 to 599) with the text {@code message}. */
  public FunctionException(int code, String message) {
    super(code, message, null, false);
  }

  /** An error with a hidden cause that is only logged. */
  public FunctionException(int code, String message, @Nullable Throwable cause) {
    super(code, message, cause, false);
  }

  @Override
  public Blame blame() {
    return Blame.USER;
  }
}
