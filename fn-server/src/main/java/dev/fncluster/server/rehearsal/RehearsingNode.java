package dev.fncluster.server.rehearsal;

import dev.fncluster.api.node.Node;
import java.time.Duration;

/** A node that rehearses before it starts, and after all that may be wrong with its settings. */
record RehearsingNode(Node node, Duration rehearsal) implements Node {
  @Override
  public String name() {
    return node.name();
  }

  @Override
  public void start() throws Exception {
    WarmUp.rehearse(rehearsal);
    node.start();
  }

  @Override
  public void stop(Duration grace) {
    node.stop(grace);
  }
}
