package dev.fncluster.api.error;

/** Who has to act on an error. */
public enum Blame {
  /** The function or the user who wrote it. */
  USER,
  /** The platform or its operator. */
  SERVICE
}
