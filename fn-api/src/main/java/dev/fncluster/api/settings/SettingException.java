package dev.fncluster.api.settings;

import org.apiguardian.api.API;

/** A setting is missing or wrong. The message is one line that says which and what is allowed. */
@API(status = API.Status.STABLE, since = "0.1")
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Fails with a line for the operator. */
  public SettingException(String message) {
    super(message);
  }
}
