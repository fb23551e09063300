package dev.fncluster.server.rehearsal;

import dev.fncluster.api.node.MutedLog;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.node.NodeFactory;
import dev.fncluster.api.settings.Setting;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rehearses calls before a node starts, so that what they need is loaded and compiled when the node
 * says that it is ready.
 */
public final class WarmUp {
  /** How long. */
  public static final Setting<Duration> FN_WARM_UP =
      Setting.duration(
          "FN_WARM_UP",
          Duration.ofSeconds(2),
          "How long a load balancer, runner or full node rehearses made-up calls within itself"
              + " before it starts, so that its first real calls are not slow ones; 0 for none.");

  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final int CONNECTIONS = 8;

  private WarmUp() {}

  /**
   * The node that {@code factory} makes, which then rehearses as long as the settings say before it
   * starts. So nobody waits for a rehearsal to hear that a setting is wrong.
   */
  public static Node before(NodeContext context, NodeFactory factory) throws Exception {
    Duration time = context.settings().get(FN_WARM_UP);
    Node node = factory.create(context);
    return time.isPositive() ? new RehearsingNode(node, time) : node;
  }

  /**
   * Rehearses. Blocks.
   *
   * <p>A rehearsal that fails is logged and keeps no node from its start.
   */
  static void rehearse(Duration time) throws InterruptedException {
    long began = System.nanoTime();
    try {
      long calls = rehearseMuted(time);
      log.atInfo()
          .addKeyValue("calls", calls)
          .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - began).toMillis())
          .log("warmed up");
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      log.atWarn().setCause(e).log("The warm-up failed; the first calls will be slower");
    }
  }

  // What its nodes tell of themselves would be taken for the real node's.
  private static long rehearseMuted(Duration time) throws Exception {
    try (MutedLog unused = MutedLog.mute();
        Rehearsal rehearsal = Rehearsal.start(false)) {
      return rehearsal.run(time, CONNECTIONS);
    }
  }
}
