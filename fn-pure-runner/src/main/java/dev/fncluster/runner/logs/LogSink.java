package dev.fncluster.runner.logs;

import org.apiguardian.api.API;

/** Takes the lines of all functions of a runner. Thread-safe. */
@FunctionalInterface
@API(status = API.Status.STABLE, since = "0.1")
public interface LogSink {
  /** The next line. Lines of one container come in their order. Must not block, nor throw. */
  void accept(LogLine line);
}
