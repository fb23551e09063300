package dev.fncluster.runner.driver;

import org.apiguardian.api.API;

/** Where a process wrote something. */
@API(status = API.Status.STABLE, since = "0.1")
public enum OutputSource {
  /** Standard output. */
  STDOUT,
  /** Standard error. */
  STDERR
}
