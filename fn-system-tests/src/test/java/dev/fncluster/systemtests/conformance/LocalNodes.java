package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.server.ApiNode;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Nodes in this process, and a folder of their own; all of it is gone when this is closed. */
final class LocalNodes implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(90);

  private final List<Node> nodes = new ArrayList<>();
  private final List<Metrics> metrics = new ArrayList<>();
  private final Path folder;

  LocalNodes() throws IOException {
    // Short, for the path of a Unix socket has a limit of 107 bytes.
    folder = Files.createTempDirectory("fn-ln");
  }

  Path folder() {
    return folder;
  }

  /** Starts a node. */
  <N extends Node> N start(Function<NodeContext, N> factory, Map<String, String> settings)
      throws Exception {
    Metrics of = Metrics.create(MetricNames.PROMETHEUS, "1");
    metrics.add(of);
    N node = factory.apply(new NodeContext(Settings.of(settings), new BuildInfo("1"), of));
    nodes.add(node);
    node.start();
    return node;
  }

  /** Starts an API node on the store in the folder. */
  WireClient startApi(Map<String, String> settings) throws Exception {
    return startApi(settings, site -> {});
  }

  /** Starts an API node with an extension, on the store in the folder. */
  WireClient startApi(Map<String, String> settings, Extension extension) throws Exception {
    int port = FreePorts.next();
    Map<String, String> all = new HashMap<>(settings);
    all.put("FN_PORT", Integer.toString(port));
    all.put("FN_DB_URL", "sqlite3://" + folder.resolve("fn.db"));
    start(context -> ApiNode.builder(context).extension(extension).build(), all);
    return new WireClient(port);
  }

  /** Stops a node; returns when it has stopped. */
  void stop(Node node) {
    nodes.remove(node);
    node.stop(GRACE);
  }

  @Override
  public void close() throws IOException {
    nodes.reversed().forEach(node -> node.stop(GRACE));
    metrics.forEach(Metrics::close);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }
}
