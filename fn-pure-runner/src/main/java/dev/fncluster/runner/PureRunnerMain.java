package dev.fncluster.runner;

import dev.fncluster.api.node.NodeMain;

/** The pure runner's process. */
public final class PureRunnerMain {
  private PureRunnerMain() {}

  /** Runs until it is told to stop. */
  public static void main(String[] args) {
    NodeMain.run(
        "fn-pure-runner",
        args,
        context -> PureRunnerNode.builder(context).build(),
        PureRunnerNode.settings(),
        settings -> "fn-runner");
  }
}
