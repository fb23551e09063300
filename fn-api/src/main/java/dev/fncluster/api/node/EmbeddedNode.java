package dev.fncluster.api.node;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.trace.Tracing;
import dev.fncluster.stats.Metrics;
import java.time.Duration;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * A node within a program that has a life, a log and signals of its own; one that is nothing but a
 * node runs {@link NodeMain}. Several may be in one process, with ports of their own.
 *
 * <pre>{@code
 * try (EmbeddedNode<LbNode> lb =
 *     EmbeddedNode.start("portal-lb", settings, context -> LbNode.builder(context).build())) {
 *   serve(lb.node().port());
 * }
 * }</pre>
 *
 * <p>Logs go to SLF4J as the program has set that up: {@code FN_LOG_…} have no effect. Nothing of
 * the process is touched, such as Netty's sampling for leaks, which a busy program switches off
 * with {@code -Dio.netty.leakDetection.level=disabled}. For one thread at a time.
 *
 * @param <N> which kind of node
 */
@API(status = API.Status.MAINTAINED, since = "0.1")
public final class EmbeddedNode<N extends Node> implements AutoCloseable {
  private final N node;
  private final NodeSettings settings;
  private final Metrics metrics;
  private final Tracing tracing;
  private boolean closed;

  private EmbeddedNode(N node, NodeSettings settings, Metrics metrics, Tracing tracing) {
    this.node = node;
    this.settings = settings;
    this.metrics = metrics;
    this.tracing = tracing;
  }

  /**
   * Puts a node together.
   *
   * @param <N> which kind of node
   */
  @FunctionalInterface
  public interface Factory<N extends Node> {
    /**
     * The node, not started.
     *
     * @throws Exception when it can't be put together
     */
    N create(NodeContext context) throws Exception;
  }

  /**
   * Starts a node; returns when it is ready. Blocks.
   *
   * @param name what the node is called in traces, unless its settings say another name
   * @param settings by name, as {@code docs/settings.md} has them; the environment is not read
   * @throws dev.fncluster.api.settings.SettingException when a setting is wrong
   * @throws NodeStartException when what it needs is missing
   * @throws Exception any other failure; nothing is left running
   */
  public static <N extends Node> EmbeddedNode<N> start(
      String name, Map<String, String> settings, Factory<N> factory) throws Exception {
    Settings all = Settings.of(settings);
    NodeSettings own = NodeSettings.from(all);
    BuildInfo build = BuildInfo.load();
    Tracing tracing = Tracing.start(own.tracing(), name, build.version());
    Metrics metrics = Metrics.create(own.metricNames(), build.version(), tracing.isOn());
    boolean started = false;
    try {
      tracing.export(metrics.views().meters());
      own.watchedProcesses().forEach(metrics::watchProcess);
      N node = factory.create(new NodeContext(all, build, metrics, tracing));
      EmbeddedNode<N> embedded = new EmbeddedNode<>(node, own, metrics, tracing);
      try {
        node.start();
        started = true;
      } finally {
        if (!started) {
          node.stop(Duration.ZERO);
        }
      }
      return embedded;
    } finally {
      if (!started) {
        metrics.close();
        tracing.close();
      }
    }
  }

  /** The node, for its ports. */
  public N node() {
    return node;
  }

  /**
   * Stops it: takes no more calls, and waits for those in flight as long as {@code
   * FN_SHUTDOWN_TIMEOUT} says. Idempotent.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    node.stop(settings.shutdownTimeout());
    metrics.close();
    tracing.close();
  }
}
