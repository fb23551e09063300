package dev.fncluster.systemtests;

import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.datastore.server.DatabaseServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Two API nodes on a database server, a load balancer that knows both, and a runner. */
final class SharedDatabaseCluster implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String id =
      "shared-database-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final Path folder;
  private final Map<String, String> apiSettings;
  private final List<NodeProcess> apis = new ArrayList<>();
  private final NodeProcess runner;
  private final NodeProcess loadBalancer;

  private SharedDatabaseCluster(DatabaseServer server) throws IOException, SQLException {
    folder = Files.createTempDirectory("fn-st");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    apiSettings = Map.of("FN_NODE_TYPE", "api", "FN_DB_URL", server.url(server.newDatabase()));
    // Both find the database empty.
    apis.add(NodeProcess.start(id + "-api-1", apiSettings));
    apis.add(NodeProcess.start(id + "-api-2", apiSettings));
    int grpcPort = FreePorts.next();
    Path sockets = Files.createDirectory(folder.resolve("iofs"));
    runner =
        NodeProcess.start(
            id + "-runner",
            Map.of(
                "FN_NODE_TYPE",
                "pure-runner",
                "FN_GRPC_PORT",
                Integer.toString(grpcPort),
                "FN_IOFS_PATH",
                sockets.toString(),
                "FN_CONTAINER_LABEL_TAG",
                id,
                "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
                "2",
                "FN_MAX_TOTAL_MEMORY_BYTES",
                Long.toString(2L << 30)));
    loadBalancer =
        NodeProcess.start(
            id + "-lb",
            Map.of(
                "FN_NODE_TYPE", "lb",
                "FN_RUNNER_API_URL", apis.get(0).uri("") + "," + apis.get(1).uri(""),
                "FN_RUNNER_ADDRESSES", "127.0.0.1:" + grpcPort));
  }

  /** Starts all nodes and waits until they are ready. */
  static SharedDatabaseCluster start(DatabaseServer server) throws IOException, SQLException {
    SharedDatabaseCluster cluster = new SharedDatabaseCluster(server);
    try {
      cluster.nodes().forEach(NodeProcess::awaitReady);
      return cluster;
    } catch (RuntimeException | AssertionError failure) {
      cluster.nodes().forEach(NodeProcess::kill);
      throw failure;
    }
  }

  NodeProcess api(int number) {
    return apis.get(number);
  }

  /** Makes functions at one of the API nodes and calls them at the load balancer. */
  FnClient clientOf(int number) {
    return new FnClient(apis.get(number), loadBalancer);
  }

  void kill(int number) {
    apis.get(number).kill();
  }

  /** Starts an API node that was killed where it was. */
  void restart(int number) {
    NodeProcess dead = apis.get(number);
    apis.set(number, NodeProcess.start(dead.name(), dead.port(), apiSettings).awaitReady());
  }

  private List<NodeProcess> nodes() {
    return Stream.concat(Stream.of(loadBalancer, runner), apis.stream()).toList();
  }

  /** Stops every node gracefully. */
  @Override
  public void close() {
    nodes().forEach(NodeProcess::terminate);
    try {
      nodes().forEach(NodeProcess::awaitEnd);
    } finally {
      Containers.removeAll(id);
      try {
        Folders.delete(folder);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
