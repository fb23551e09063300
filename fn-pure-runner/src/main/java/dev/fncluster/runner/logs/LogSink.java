package dev.fncluster.runner.logs;

/** Takes the lines of all functions of a runner. Thread-safe. */
@FunctionalInterface
public interface LogSink {
  /** The next line. Lines of one container come in their order. Must not block, nor throw. */
  void accept(LogLine line);
}
