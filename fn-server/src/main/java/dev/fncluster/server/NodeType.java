package dev.fncluster.server;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;

/** What a process is in the cluster. */
public enum NodeType {
  /** Everything in one process. */
  FULL("fn-full"),
  /** The management API and its store. */
  API("fn-api"),
  /** Takes invocations and places them on runners. */
  LB("fn-lb"),
  /** Executes calls that load balancers send. */
  PURE_RUNNER("fn-runner");

  /** Which one. */
  public static final Setting<String> NODE_TYPE =
      Setting.text(
          "FN_NODE_TYPE",
          "full",
          "What this node is: api, lb, pure-runner; anything else is a full node.");

  private final String serviceName;

  NodeType(String serviceName) {
    this.serviceName = serviceName;
  }

  /** What such a node is called in traces. */
  public String serviceName() {
    return serviceName;
  }

  /** The type that {@link #NODE_TYPE} says, to the letter; anything unknown is {@link #FULL}. */
  public static NodeType from(Settings settings) {
    return switch (settings.get(NODE_TYPE)) {
      case "api" -> API;
      case "lb" -> LB;
      case "pure-runner" -> PURE_RUNNER;
      default -> FULL;
    };
  }
}
