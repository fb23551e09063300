package dev.fncluster.runnerpool;

import org.apiguardian.api.API;

/** Told once, on the call's event loop, what became of trying to execute a call. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface TryCompletion {
  /** The try is over. */
  void done(TryResult result);
}
