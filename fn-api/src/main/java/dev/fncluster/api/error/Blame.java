package dev.fncluster.api.error;

import org.apiguardian.api.API;

/** Who has to act on an error. */
@API(status = API.Status.STABLE, since = "0.1")
public enum Blame {
  /** The function or the user who wrote it. */
  USER,
  /** The platform or its operator. */
  SERVICE
}
