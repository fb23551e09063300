package dev.fncluster.server;

import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeMain;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.server.rehearsal.WarmUp;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A process of any node type. */
public final class ServerMain {
  private ServerMain() {}

  /** Runs until it is told to stop. */
  public static void main(String[] args) {
    NodeMain.run(
        "fn-server",
        args,
        ServerMain::create,
        settings(),
        settings -> NodeType.from(settings).serviceName());
  }

  static Node create(NodeContext context) throws Exception {
    return switch (NodeType.from(context.settings())) {
      case FULL -> WarmUp.before(context, FullNode::create);
      case API -> ApiNode.create(context);
      case LB -> WarmUp.before(context, own -> LbNode.builder(own).build());
      case PURE_RUNNER -> WarmUp.before(context, own -> PureRunnerNode.builder(own).build());
    };
  }

  /** The settings of all node types: a cluster's nodes may share one file of them. */
  public static List<Setting<?>> settings() {
    Set<Setting<?>> all = new LinkedHashSet<>();
    all.add(NodeType.NODE_TYPE);
    all.add(WarmUp.FN_WARM_UP);
    all.addAll(ApiNode.settings());
    all.addAll(LbNode.settings());
    all.addAll(PureRunnerNode.settings());
    return new ArrayList<>(all);
  }
}
