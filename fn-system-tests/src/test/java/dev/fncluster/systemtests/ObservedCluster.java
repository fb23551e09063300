package dev.fncluster.systemtests;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A cluster as its operator sees it: calls that end in every way there is are sent once, while a
 * Prometheus and a collector of traces look on.
 */
final class ObservedCluster implements AutoCloseable {
  private final Deque<AutoCloseable> started;
  private final PairOfNodes certificates;
  private final TraceCollector collector;
  private final Cluster cluster;
  private final PrometheusServer prometheus;
  private final CallsOfEveryKind calls;

  private ObservedCluster(Deque<AutoCloseable> started) throws Exception {
    this.started = started;
    certificates = PairOfNodes.issue();
    started.push(() -> Folders.delete(certificates.folder()));
    collector = TraceCollector.start();
    started.push(collector);
    cluster = startCluster();
    started.push(cluster);
    prometheus =
        PrometheusServer.start(
            Map.of(
                "fn-api", List.of(cluster.api()),
                "fn-lb", List.of(cluster.loadBalancer()),
                "fn-runner", runners()));
    started.push(prometheus);
    calls = CallsOfEveryKind.make(this);
  }

  private Cluster startCluster() {
    String collectorUrl = "http://127.0.0.1:" + collector.port();
    return Cluster.start(
        certificates.with(
            "FN_RUNNER_TLS",
            Map.of(
                "FN_OTLP_ENDPOINT", collectorUrl,
                "FN_PLACER_TIMEOUT_MSECS", "3000",
                "FN_DETACHED_PLACER_TIMEOUT_MSECS", "1000",
                "FN_EXECUTION_HEADROOM", "0")),
        certificates.with(
            "FN_GRPC_TLS",
            Map.of(
                "FN_OTLP_ENDPOINT",
                collectorUrl,
                "FN_MAX_TOTAL_MEMORY_BYTES",
                Long.toString(512L << 20),
                "FN_STATUS_IMAGE",
                Repository.NODE_IMAGE,
                "FN_IMAGE_CLEAN_MAX_SIZE",
                Long.toString(1L << 50))));
  }

  static ObservedCluster start() {
    Deque<AutoCloseable> started = new ArrayDeque<>();
    try {
      return new ObservedCluster(started);
    } catch (Exception | AssertionError failure) {
      stop(started, failure);
      throw new AssertionError("the cluster that is looked at can't start", failure);
    }
  }

  /** Stops what was started, the last first; what fails of that is added to {@code why}. */
  private static void stop(Deque<AutoCloseable> started, Throwable why) {
    for (AutoCloseable each : started) {
      try {
        each.close();
      } catch (Exception | AssertionError failure) {
        why.addSuppressed(failure);
      }
    }
  }

  PairOfNodes certificates() {
    return certificates;
  }

  Cluster cluster() {
    return cluster;
  }

  PrometheusServer prometheus() {
    return prometheus;
  }

  TraceCollector collector() {
    return collector;
  }

  CallsOfEveryKind calls() {
    return calls;
  }

  List<NodeProcess> runners() {
    return cluster.runners().stream().map(Cluster.RunnerNode::process).toList();
  }

  /** The metrics of a node, as they are now. */
  Exposition page(NodeProcess node) {
    return Exposition.parse(cluster.client().get(node, "/metrics").body());
  }

  Exposition ofLoadBalancer() {
    return page(cluster.loadBalancer());
  }

  /** The sum of a number over all runners. */
  double onRunners(ToDoubleFunction<Exposition> number) {
    return runners().stream().map(this::page).mapToDouble(number).sum();
  }

  @Override
  public void close() {
    AssertionError failure = new AssertionError("the cluster that is looked at can't stop");
    stop(started, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
