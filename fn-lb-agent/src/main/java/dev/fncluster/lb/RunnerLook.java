package dev.fncluster.lb;

import dev.fncluster.runnerpool.RunnerPool;
import java.util.List;

/**
 * A runner as the placer sees it, for an operator.
 *
 * @param address where it is
 * @param available whether calls are sent there
 * @param callsUnderWay how many of this node are there now
 */
record RunnerLook(String address, boolean available, int callsUnderWay) {
  static List<RunnerLook> of(RunnerPool pool) {
    return pool.known().stream()
        .map(runner ->
            new RunnerLook(runner.address(), runner.isAvailable(), runner.callsUnderWay()))
        .toList();
  }
}
