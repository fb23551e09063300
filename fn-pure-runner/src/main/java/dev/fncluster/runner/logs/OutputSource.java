package dev.fncluster.runner.logs;

/** Where a process wrote something. */
public enum OutputSource {
  /** Standard output. */
  STDOUT,
  /** Standard error. */
  STDERR
}
