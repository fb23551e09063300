package dev.fncluster.runnerpool.pool;

import dev.fncluster.stats.UpDownGauge;
import dev.fncluster.stats.ViewRegistry;

/** How many runners of a load balancer are in which state. Thread-safe. */
record PoolMeters(UpDownGauge healthy, UpDownGauge ejected, UpDownGauge draining) {
  static PoolMeters of(ViewRegistry views) {
    return new PoolMeters(
        gauge(views, "healthy"), gauge(views, "ejected"), gauge(views, "draining"));
  }

  private static UpDownGauge gauge(ViewRegistry views, String state) {
    return views.upDown("lb_runners", "Runners in the pool of a load balancer", "state", state);
  }
}
