package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.server.ApiNode;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * An API node, a load balancer and a runner in this process: all of a call's way is real, over
 * sockets, but for the container.
 *
 * <pre>
 *   WireClient ─▶ LbNode ─gRPC─▶ PureRunnerNode ─Unix socket─▶ ScriptedFunction
 *                   └─▶ ApiNode
 * </pre>
 */
final class LocalCluster implements AutoCloseable {
  /** The longest body of a request, in bytes. */
  static final int MAX_REQUEST = 20_000;

  /** The longest body and head of a function's answer, in bytes. */
  static final int MAX_RESPONSE = 2048;

  static final int MAX_RESPONSE_HEAD = 1024;
  static final String ORIGIN = "http://ok.com";
  static final String OTHER_ORIGIN = "http://two.com";

  private static final Duration GRACE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final AtomicInteger names = new AtomicInteger();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Metrics> metrics = new ArrayList<>();
  private final Path folder;
  private final WireClient api;
  private final WireClient front;
  private final LbNode balancer;

  private LocalCluster(
      UnaryOperator<PureRunnerNode.Builder> runnerParts, UnaryOperator<LbNode.Builder> lbParts)
      throws Exception {
    // Short, for the path of a Unix socket has a limit of 107 bytes.
    folder = Files.createTempDirectory("fn-lc");
    int apiPort = freePort();
    int grpcPort = freePort();
    Map<String, String> http =
        Map.of(
            "FN_MAX_REQUEST_SIZE",
            Integer.toString(MAX_REQUEST),
            "FN_API_CORS_ORIGINS",
            ORIGIN + "," + OTHER_ORIGIN);
    start(
        ApiNode::create,
        http,
        Map.of(
            "FN_PORT",
            Integer.toString(apiPort),
            "FN_DB_URL",
            "sqlite3://" + folder.resolve("fn.db")));
    start(
        context -> runnerParts.apply(PureRunnerNode.builder(context).driver(driver)).build(),
        http,
        Map.of(
            "FN_PORT", "0",
            "FN_GRPC_PORT", Integer.toString(grpcPort),
            "FN_IOFS_PATH", Files.createDirectory(folder.resolve("s")).toString(),
            "FN_MAX_RESPONSE_SIZE", Integer.toString(MAX_RESPONSE),
            "FN_MAX_HDR_RESPONSE_SIZE", Integer.toString(MAX_RESPONSE_HEAD),
            "FN_MAX_TOTAL_MEMORY_BYTES", Long.toString(1L << 30),
            "FN_HOT_START_TIMEOUT_MSECS", "5000"));
    balancer =
        start(
            context -> lbParts.apply(LbNode.builder(context)).build(),
            http,
            Map.of(
                "FN_PORT",
                "0",
                "FN_RUNNER_API_URL",
                "http://127.0.0.1:" + apiPort,
                "FN_RUNNER_ADDRESSES",
                "127.0.0.1:" + grpcPort,
                "FN_PLACER_TIMEOUT_MSECS",
                "10000"));
    api = new WireClient(apiPort);
    front = new WireClient(balancer.port());
  }

  static LocalCluster start() {
    return start(UnaryOperator.identity(), UnaryOperator.identity());
  }

  /** With parts of nodes as an embedding program brings them. */
  static LocalCluster start(
      UnaryOperator<PureRunnerNode.Builder> runnerParts, UnaryOperator<LbNode.Builder> lbParts) {
    try {
      return new LocalCluster(runnerParts, lbParts);
    } catch (Exception failure) {
      throw new AssertionError("the local cluster can't start", failure);
    }
  }

  private <N extends Node> N start(
      Function<NodeContext, N> factory, Map<String, String> common, Map<String, String> own)
      throws Exception {
    Map<String, String> settings = new HashMap<>(common);
    settings.putAll(own);
    Metrics of = Metrics.create(MetricNames.PROMETHEUS, "1");
    metrics.add(of);
    N node = factory.apply(new NodeContext(Settings.of(settings), new BuildInfo("1"), of));
    nodes.add(node);
    node.start();
    return node;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The API node. */
  WireClient api() {
    return api;
  }

  /** The load balancer. */
  WireClient front() {
    return front;
  }

  /** Stops the load balancer; returns when it has stopped. */
  void stopFront() {
    nodes.remove(balancer);
    balancer.stop(GRACE);
  }

  ScriptedDriver driver() {
    return driver;
  }

  /** A function of its own app, with a trigger at {@code /tr}. */
  final class Fn {
    final String appName;
    final String appId;
    final String id;
    final String image;
    private volatile ScriptedFunction.Seen seen;

    private Fn(String appName, String appId, String id, String image) {
      this.appName = appName;
      this.appId = appId;
      this.id = id;
      this.image = image;
      seen = new ScriptedFunction.Seen(new Wire.Head("", List.of()), "", "");
    }

    /** Has the function answer so from now on. */
    Fn answers(ScriptedFunction.Script script) {
      driver.script(
          image,
          request -> {
            seen = request;
            return script.answer(request);
          });
      return this;
    }

    /** What it was sent last. */
    ScriptedFunction.Seen seen() {
      return seen;
    }

    WireClient.Answer invoke(String body, String... headers) throws IOException {
      return front.send("POST", "/invoke/" + id, body, headers);
    }

    WireClient.Answer trigger(String method, String rest, String body, String... headers)
        throws IOException {
      return front.send(method, "/t/" + appName + rest, body, headers);
    }
  }

  /** Makes a function that echoes bodies. */
  Fn createFn() throws IOException {
    return createFn(fn -> {});
  }

  /** Makes a function that echoes bodies; {@code more} adds fields to what is sent. */
  Fn createFn(Consumer<ObjectNode> more) throws IOException {
    String name = "n" + names.incrementAndGet();
    String appId =
        create(
            "/v2/apps",
            JSON.createObjectNode()
                .put("name", name)
                .set("config", JSON.createObjectNode().put("SHARED", "app").put("APP", "app")));
    String image = "scripted/" + name + ":1";
    ObjectNode fn =
        JSON.createObjectNode()
            .put("name", name)
            .put("app_id", appId)
            .put("image", image)
            .put("memory", 64)
            .put("idle_timeout", 120);
    more.accept(fn);
    Fn made = new Fn(name, appId, create("/v2/fns", fn), image);
    createTrigger(made, "/tr");
    return made.answers(seen -> ScriptedFunction.reply(200, seen.body()));
  }

  /** Makes one more trigger of a function. */
  void createTrigger(Fn fn, String source) throws IOException {
    create(
        "/v2/triggers",
        JSON.createObjectNode()
            .put("name", "t" + names.incrementAndGet())
            .put("app_id", fn.appId)
            .put("fn_id", fn.id)
            .put("type", "http")
            .put("source", source));
  }

  private String create(String path, ObjectNode body) throws IOException {
    WireClient.Answer answer = api.send("POST", path, body.toString());
    assertThat(answer.status()).as("POST %s: %s", path, answer.body()).isEqualTo(200);
    return answer.json().get("id").asText();
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
