package dev.fncluster.server.rehearsal;

import dev.fncluster.api.node.MutedLog;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.Settings;
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
   * Rehearses as long as {@code settings} say. Blocks.
   *
   * <p>A rehearsal that fails is logged and keeps no node from its start.
   */
  public static void run(Settings settings) throws InterruptedException {
    Duration time = settings.get(FN_WARM_UP);
    if (!time.isPositive()) {
      return;
    }
    long began = System.nanoTime();
    try {
      long calls = rehearse(time);
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
  private static long rehearse(Duration time) throws Exception {
    try (MutedLog unused = MutedLog.mute();
        Rehearsal rehearsal = Rehearsal.start(false)) {
      return rehearsal.run(time, CONNECTIONS);
    }
  }
}
