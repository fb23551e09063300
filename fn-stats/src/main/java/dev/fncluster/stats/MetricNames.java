package dev.fncluster.stats;

/** How meters are named, and in which unit durations are exported. */
public enum MetricNames {
  /**
   * What Prometheus asks for: counters end in {@code _total} and nothing else does, gauges don't
   * end in {@code _count}, {@code _seconds} are seconds.
   */
  PROMETHEUS,

  /**
   * What dashboards of other implementations expect: the names of the views as they are, every
   * duration in milliseconds. Served in the Prometheus text format only, because OpenMetrics has no
   * counters without {@code _total}.
   */
  FN
}
