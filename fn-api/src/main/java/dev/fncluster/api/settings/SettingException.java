package dev.fncluster.api.settings;

/** A setting is missing or wrong. The message is one line that says which and what is allowed. */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Fails with a line for the operator. */
  public SettingException(String message) {
    super(message);
  }
}
