package dev.fncluster.systemtests;

import dev.fncluster.api.testing.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One API node, one load balancer and two runners, each a process of its own, on this machine. */
final class Cluster implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final long RUNNER_MEMORY_BYTES = 2L << 30;

  private final String id =
      "system-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final Path folder;
  private final NodeProcess api;
  private final Map<String, String> runnerSettings;
  private final List<RunnerNode> runners = new ArrayList<>();
  private final NodeProcess loadBalancer;
  private final FnClient client;
  private final List<NodeProcess> others = new ArrayList<>();

  /**
   * A runner and what its containers are known by.
   *
   * @param grpcPort where it takes calls
   * @param labelTag the label on each of its containers
   */
  record RunnerNode(NodeProcess process, int grpcPort, String labelTag) {}

  private Cluster(
      Map<String, String> apiSettings,
      Map<String, String> loadBalancerSettings,
      Map<String, String> runnerSettings) {
    this.runnerSettings = Map.copyOf(runnerSettings);
    try {
      // Short, for the path of a Unix socket has a limit of 107 bytes.
      folder = Files.createTempDirectory("fn-st");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Map<String, String> ofApi = new HashMap<>(apiSettings);
    ofApi.put("FN_NODE_TYPE", "api");
    ofApi.put("FN_DB_URL", "sqlite3://" + folder.resolve("fn.db"));
    api = NodeProcess.start(id + "-api", ofApi);
    runners.add(startRunner(1));
    runners.add(startRunner(2));
    loadBalancer =
        startLoadBalancer(
            "lb",
            runners.stream()
                .map(runner -> "127.0.0.1:" + runner.grpcPort())
                .collect(Collectors.joining(",")),
            loadBalancerSettings);
    client = new FnClient(api, loadBalancer);
  }

  /** Starts a cluster and waits until every node is ready. */
  static Cluster start() {
    return start(Map.of());
  }

  /** Starts a cluster whose load balancer has some settings of its own. */
  static Cluster start(Map<String, String> loadBalancerSettings) {
    return start(loadBalancerSettings, Map.of());
  }

  /** Starts a cluster whose load balancer and runners have some settings of their own. */
  static Cluster start(
      Map<String, String> loadBalancerSettings, Map<String, String> runnerSettings) {
    return start(Map.of(), loadBalancerSettings, runnerSettings);
  }

  /** Starts a cluster whose nodes all have settings of their own. */
  static Cluster start(
      Map<String, String> apiSettings,
      Map<String, String> loadBalancerSettings,
      Map<String, String> runnerSettings) {
    Cluster cluster = new Cluster(apiSettings, loadBalancerSettings, runnerSettings);
    try {
      cluster.nodes().forEach(NodeProcess::awaitReady);
      return cluster;
    } catch (RuntimeException | AssertionError failure) {
      cluster.nodes().forEach(NodeProcess::kill);
      throw failure;
    }
  }

  private RunnerNode startRunner(int number) {
    return startRunner("runner-" + number, id + "-runner-" + number);
  }

  private RunnerNode startRunner(String name, String labelTag) {
    return startRunner(name, labelTag, FreePorts.next());
  }

  private RunnerNode startRunner(String name, String labelTag, int grpcPort) {
    Path sockets = folder.resolve(name + "-" + grpcPort);
    try {
      Files.createDirectories(sockets);
      // Files.createTempDirectory gives its folder to the owner alone; a function is another user.
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("FN_NODE_TYPE", "pure-runner");
    settings.put("FN_GRPC_PORT", Integer.toString(grpcPort));
    settings.put("FN_IOFS_PATH", sockets.toString());
    settings.put("FN_CONTAINER_LABEL_TAG", labelTag);
    settings.put("FN_MAX_TOTAL_MEMORY_BYTES", Long.toString(RUNNER_MEMORY_BYTES));
    settings.put("FN_EXPERIMENTAL_PREFORK_POOL_SIZE", "2");
    settings.putAll(runnerSettings);
    return new RunnerNode(NodeProcess.start(id + "-" + name, settings), grpcPort, labelTag);
  }

  private NodeProcess startLoadBalancer(
      String name, String runnerAddresses, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("FN_NODE_TYPE", "lb");
    settings.put("FN_RUNNER_API_URL", api.uri("").toString());
    settings.put("FN_RUNNER_ADDRESSES", runnerAddresses);
    settings.putAll(more);
    return NodeProcess.start(id + "-" + name, settings);
  }

  /**
   * Starts one more load balancer over some runners, and waits until it is ready. It is stopped
   * with the cluster.
   */
  NodeProcess addLoadBalancer(String name, String runnerAddresses, Map<String, String> settings) {
    NodeProcess node = startLoadBalancer(name, runnerAddresses, settings);
    others.add(node);
    return node.awaitReady();
  }

  /**
   * Starts a runner that takes the place of one that has died: same label tag, so that it finds
   * what that one left.
   */
  RunnerNode replaceRunner(RunnerNode dead) {
    RunnerNode runner = startRunner("runner-again", dead.labelTag());
    runners.remove(dead);
    runners.add(runner);
    runner.process().awaitReady();
    return runner;
  }

  /** Stops a runner gracefully and starts it anew, where calls are sent already. */
  RunnerNode restartRunner(RunnerNode old) {
    old.process().close();
    RunnerNode runner = startRunner("runner-anew", old.labelTag(), old.grpcPort());
    runners.remove(old);
    runners.add(runner);
    runner.process().awaitReady();
    return runner;
  }

  NodeProcess api() {
    return api;
  }

  NodeProcess loadBalancer() {
    return loadBalancer;
  }

  List<RunnerNode> runners() {
    return List.copyOf(runners);
  }

  FnClient client() {
    return client;
  }

  /** All nodes, the front first. */
  List<NodeProcess> nodes() {
    return Stream.of(
            others.stream(),
            Stream.of(loadBalancer, api),
            runners.stream().map(RunnerNode::process))
        .flatMap(nodes -> nodes)
        .toList();
  }

  /** All functions' containers of the cluster's runners. */
  List<String> containers() {
    return runners.stream()
        .flatMap(runner -> Containers.ofFunctions(runner.labelTag()).stream())
        .toList();
  }

  /**
   * Stops every node gracefully, and fails if a runner that was not killed has left a container.
   */
  @Override
  public void close() {
    nodes().forEach(NodeProcess::terminate);
    List<AssertionError> failures = new ArrayList<>();
    for (NodeProcess node : nodes()) {
      try {
        node.awaitEnd();
      } catch (AssertionError failure) {
        failures.add(failure);
      }
    }
    for (RunnerNode runner : runners) {
      List<String> left = Containers.ofTag(runner.labelTag());
      if (!left.isEmpty()) {
        Containers.removeAll(runner.labelTag());
        failures.add(
            new AssertionError(
                runner.process().name()
                    + " left containers "
                    + left
                    + "\n"
                    + runner.process().logTail()));
      }
    }
    try {
      Folders.delete(folder);
    } catch (IOException failure) {
      failures.add(new AssertionError("the cluster's folder could not be removed", failure));
    }
    if (!failures.isEmpty()) {
      AssertionError first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  /** Forgets a runner that the test has killed, and removes what it left. */
  void forget(RunnerNode killed) {
    runners.remove(killed);
    Containers.removeAll(killed.labelTag());
  }
}
