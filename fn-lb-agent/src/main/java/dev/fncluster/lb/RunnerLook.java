package dev.fncluster.lb;

import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import dev.fncluster.runnerpool.RunnerPool;
import java.util.List;

/**
 * A runner as the placer sees it, for an operator.
 *
 * @param address where it is
 * @param available whether calls are sent there
 * @param callsUnderWay how many of this node are there now
 */
public record RunnerLook(String address, boolean available, int callsUnderWay) {
  /**
   * All runners of a pool, which may be of others. Blocks.
   *
   * @throws dev.fncluster.api.error.FnException when it does not say
   */
  public static List<RunnerLook> of(RunnerPool pool, ExtensionRunner asking) {
    try {
      return asking.call(pool, Subject.NONE, () -> of(pool));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ExtensionRunner.told(pool, Subject.NONE, e);
    }
  }

  static List<RunnerLook> of(RunnerPool pool) {
    return pool.known().stream()
        .map(runner ->
            new RunnerLook(runner.address(), runner.isAvailable(), runner.callsUnderWay()))
        .toList();
  }
}
