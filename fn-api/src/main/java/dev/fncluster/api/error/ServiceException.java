package dev.fncluster.api.error;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** An error that the function is not to blame for. */
@API(status = API.Status.STABLE, since = "0.1")
public non-sealed class ServiceException extends FnException {
  private static final long serialVersionUID = 1L;

  /** An error of {@code code} (100 to 599) with the text {@code message}. */
  public ServiceException(int code, String message) {
    super(code, message, null, true);
  }

  /**
   * An error without a stack trace, for what is an answer and no accident: whoever sends many
   * requests that get it shall not make us fill traces.
   */
  public static ServiceException answer(int code, String message) {
    return new ServiceException(code, message, false);
  }

  /** An error with a hidden cause that is only logged. */
  public ServiceException(int code, String message, @Nullable Throwable cause) {
    super(code, message, cause, true);
  }

  ServiceException(int code, String message, boolean withTrace) {
    super(code, message, null, withTrace);
  }

  @Override
  public Blame blame() {
    return Blame.SERVICE;
  }
}
