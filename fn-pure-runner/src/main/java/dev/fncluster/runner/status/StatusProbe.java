package dev.fncluster.runner.status;

import dev.fncluster.proto.RunnerStatus;
import java.util.concurrent.CompletableFuture;

/** Finds out how a runner is. Thread-safe. */
public interface StatusProbe {
  /** Finds nothing out: the status is what the runner counts anyway. */
  StatusProbe NONE = input -> CompletableFuture.completedFuture(RunnerStatus.getDefaultInstance());

  /**
   * Probes, or repeats what a probe found a moment ago. Never blocks.
   *
   * @param input JSON, what the status image gets as the body of its request
   * @return what was found, without the counters of the runner; never fails, and is there within
   *     about a minute
   */
  CompletableFuture<RunnerStatus> probe(String input);
}
