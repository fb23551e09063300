package dev.fncluster.runnerpool;

/** Told once, on the call's event loop, what became of trying to execute a call. */
@FunctionalInterface
public interface TryCompletion {
  /** The try is over. */
  void done(TryResult result);
}
