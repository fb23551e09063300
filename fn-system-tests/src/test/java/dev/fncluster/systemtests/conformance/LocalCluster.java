package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

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

  private static final Map<String, String> HTTP =
      Map.of(
          "FN_MAX_REQUEST_SIZE",
          Integer.toString(MAX_REQUEST),
          "FN_API_CORS_ORIGINS",
          ORIGIN + "," + OTHER_ORIGIN);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final AtomicInteger names = new AtomicInteger();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final UnaryOperator<PureRunnerNode.Builder> runnerParts;
  private final UnaryOperator<LbNode.Builder> lbParts;
  private final Map<String, String> common = new HashMap<>();
  private final LocalNodes nodes;
  private final WireClient api;
  private final WireClient front;
  private final WireClient runner;
  private final LbNode balancer;

  private LocalCluster(
      Map<String, String> more,
      Extension ofApi,
      UnaryOperator<PureRunnerNode.Builder> runnerParts,
      UnaryOperator<LbNode.Builder> lbParts)
      throws Exception {
    this.runnerParts = runnerParts;
    this.lbParts = lbParts;
    nodes = new LocalNodes();
    common.putAll(HTTP);
    common.putAll(more);
    api = nodes.startApi(common, ofApi);
    int runnerPort = FreePorts.next();
    balancer = startBalancer("s", Map.of("FN_PORT", Integer.toString(runnerPort)));
    runner = new WireClient(runnerPort);
    front = new WireClient(balancer.port());
  }

  /** Starts a runner and a load balancer that has no other. */
  private LbNode startBalancer(String sockets, Map<String, String> ofRunner) throws Exception {
    int grpcPort = FreePorts.next();
    Map<String, String> runner = new HashMap<>(common);
    runner.putAll(
        Map.of(
            "FN_PORT", "0",
            "FN_GRPC_PORT", Integer.toString(grpcPort),
            "FN_IOFS_PATH", Files.createDirectory(nodes.folder().resolve(sockets)).toString(),
            "FN_MAX_RESPONSE_SIZE", Integer.toString(MAX_RESPONSE),
            "FN_MAX_HDR_RESPONSE_SIZE", Integer.toString(MAX_RESPONSE_HEAD),
            "FN_MAX_TOTAL_MEMORY_BYTES", Long.toString(1L << 30),
            "FN_HOT_START_TIMEOUT_MSECS", "5000"));
    runner.putAll(ofRunner);
    nodes.start(
        context -> runnerParts.apply(PureRunnerNode.builder(context).driver(driver)).build(),
        runner);
    Map<String, String> front = new HashMap<>(common);
    front.putAll(
        Map.of(
            "FN_PORT",
            "0",
            "FN_RUNNER_API_URL",
            "http://127.0.0.1:" + api.port(),
            "FN_RUNNER_ADDRESSES",
            "127.0.0.1:" + grpcPort,
            "FN_PLACER_TIMEOUT_MSECS",
            "10000"));
    return nodes.start(context -> lbParts.apply(LbNode.builder(context)).build(), front);
  }

  static LocalCluster start() {
    return start(UnaryOperator.identity(), UnaryOperator.identity());
  }

  /** A cluster whose nodes all have an extension and some more settings. */
  static LocalCluster start(Map<String, String> settings, Extension extension) {
    return start(
        settings,
        extension,
        runner -> runner.extension(extension),
        balancer -> balancer.extension(extension));
  }

  /** With parts of nodes as an embedding program brings them. */
  static LocalCluster start(
      UnaryOperator<PureRunnerNode.Builder> runnerParts, UnaryOperator<LbNode.Builder> lbParts) {
    return start(Map.of(), site -> {}, runnerParts, lbParts);
  }

  /** With parts of its load balancer as an embedding program brings them, and more settings. */
  static LocalCluster start(Map<String, String> settings, UnaryOperator<LbNode.Builder> lbParts) {
    return start(settings, site -> {}, UnaryOperator.identity(), lbParts);
  }

  private static LocalCluster start(
      Map<String, String> settings,
      Extension ofApi,
      UnaryOperator<PureRunnerNode.Builder> runnerParts,
      UnaryOperator<LbNode.Builder> lbParts) {
    try {
      return new LocalCluster(settings, ofApi, runnerParts, lbParts);
    } catch (Exception failure) {
      throw new AssertionError("the local cluster can't start", failure);
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

  /** The runner's pages about itself. */
  WireClient runner() {
    return runner;
  }

  /** Starts one more API node on the same store. */
  WireClient startApi(Map<String, String> settings) throws Exception {
    return nodes.startApi(settings);
  }

  /** Starts one more load balancer, whose only runner has these settings. */
  WireClient startFront(Map<String, String> ofRunner) throws Exception {
    return new WireClient(startBalancer("s" + names.incrementAndGet(), ofRunner).port());
  }

  /** Stops the load balancer; returns when it has stopped. */
  void stopFront() {
    nodes.stop(balancer);
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

    /** Of the trigger at {@code /tr}. */
    final String triggerId;

    private volatile ScriptedFunction.Seen seen;

    private Fn(String appName, String appId, String id, String image, String triggerId) {
      this.appName = appName;
      this.appId = appId;
      this.id = id;
      this.image = image;
      this.triggerId = triggerId;
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
    String id = create("/v2/fns", fn);
    Fn made = new Fn(name, appId, id, image, createTrigger(appId, id, "/tr"));
    return made.answers(seen -> ScriptedFunction.reply(200, seen.body()));
  }

  /** Makes one more trigger of a function. */
  void createTrigger(Fn fn, String source) throws IOException {
    createTrigger(fn.appId, fn.id, source);
  }

  private String createTrigger(String appId, String fnId, String source) throws IOException {
    return create(
        "/v2/triggers",
        JSON.createObjectNode()
            .put("name", "t" + names.incrementAndGet())
            .put("app_id", appId)
            .put("fn_id", fnId)
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
    nodes.close();
  }
}
