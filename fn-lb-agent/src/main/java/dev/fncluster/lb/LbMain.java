package dev.fncluster.lb;

import dev.fncluster.api.node.NodeMain;

/** The load balancer's process. */
public final class LbMain {
  private LbMain() {}

  /** Runs until it is told to stop. */
  public static void main(String[] args) {
    NodeMain.run("fn-lb", args, context -> LbNode.builder(context).build(), LbNode.settings());
  }
}
