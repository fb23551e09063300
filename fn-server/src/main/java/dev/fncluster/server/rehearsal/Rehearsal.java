package dev.fncluster.server.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.server.ApiNode;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A load balancer and a runner in this process, with functions that are no containers. All the rest
 * of a call's way is that of real ones, over sockets.
 *
 * <pre>
 *   HttpCaller ─▶ LbNode ─gRPC─▶ PureRunnerNode ─Unix socket─▶ StandInServer
 *                   └─▶ StandInApi, or ApiNode with a store
 * </pre>
 *
 * <p>Its nodes listen on ports that are free, for callers of this machine, and have metrics of
 * their own that nobody reads. Blocks; for one thread.
 */
public final class Rehearsal implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final long ANSWER_SECONDS = 30;
  private static final long FUNCTION_MEMORY = 128;
  private static final int FUNCTIONS = 4;
  private static final String SHORT_BODY = "a body of some bytes";
  // Several frames of a call's stream, there and back.
  private static final String LONG_BODY = SHORT_BODY.repeat(5_000);
  private static final int CALLERS_FOR_ONE_OF_LONG_BODIES = 8;

  private final List<Node> nodes = new ArrayList<>();
  private final List<Metrics> metrics = new ArrayList<>();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("fn-rehearsal", true), NioIoHandler.newFactory());
  private final Path folder;
  private @Nullable StandInApi standInApi;
  private int apiPort;
  private int frontPort;

  private Rehearsal(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts the nodes.
   *
   * @param store whether there is an API node with a store
   * @throws Exception when a port or a file can't be had, or a node can't start
   */
  public static Rehearsal start(boolean store) throws Exception {
    // Short, for the path of a Unix socket has a limit of 107 bytes.
    Rehearsal rehearsal = new Rehearsal(Files.createTempDirectory("fn-r"));
    boolean started = false;
    try {
      rehearsal.startNodes(store);
      started = true;
      return rehearsal;
    } finally {
      if (!started) {
        rehearsal.close();
      }
    }
  }

  private void startNodes(boolean store) throws Exception {
    if (store) {
      apiPort =
          start(ApiNode::create, Map.of("FN_DB_URL", "sqlite3://" + folder.resolve("fn.db")))
              .port();
    } else {
      StandInApi api = StandInApi.start(group);
      standInApi = api;
      apiPort = api.port();
    }
    PureRunnerNode runner =
        start(
            context -> PureRunnerNode.builder(context).driver(new StandInDriver(group)).build(),
            Map.of(
                "FN_GRPC_PORT",
                "0",
                "FN_IOFS_PATH",
                Files.createDirectory(folder.resolve("s")).toString(),
                "FN_MAX_TOTAL_MEMORY_BYTES",
                Long.toString(FUNCTIONS * FUNCTION_MEMORY << 20)));
    LbNode front =
        start(
            context -> LbNode.builder(context).build(),
            Map.of(
                "FN_RUNNER_API_URL",
                "http://127.0.0.1:" + apiPort,
                "FN_RUNNER_ADDRESSES",
                "127.0.0.1:" + runner.grpcPort()));
    frontPort = front.port();
  }

  private <N extends Node> N start(Function<NodeContext, N> factory, Map<String, String> own)
      throws Exception {
    Map<String, String> settings = new HashMap<>(own);
    settings.put("FN_PORT", "0");
    settings.put("FN_BIND_ADDRESS", "127.0.0.1");
    Metrics of = Metrics.create(MetricNames.PROMETHEUS, "rehearsal");
    metrics.add(of);
    N node = factory.apply(new NodeContext(Settings.of(settings), new BuildInfo("rehearsal"), of));
    nodes.add(node);
    node.start();
    return node;
  }

  /**
   * Calls a function for a while, but at least once with each connection.
   *
   * @param connections that call at the same time
   * @return how many calls were answered
   * @throws IOException when an answer is not what it should be
   */
  public long run(Duration time, int connections) throws IOException, InterruptedException {
    String function = standInApi == null ? make() : StandInApi.FN;
    AtomicLong answered = new AtomicLong();
    long end = System.nanoTime() + time.toNanos();
    List<CompletableFuture<Void>> loads = new ArrayList<>();
    List<HttpCaller> callers = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        HttpCaller caller = HttpCaller.connect(group, frontPort);
        callers.add(caller);
        CompletableFuture<Void> load = new CompletableFuture<>();
        loads.add(load);
        // Every other caller comes by the trigger.
        String path = i % 2 == 0 ? "/invoke/" + function : "/t/rehearsal/call";
        boolean big = (i + 1) % CALLERS_FOR_ONE_OF_LONG_BODIES == 0;
        callOn(caller, path, big ? LONG_BODY : SHORT_BODY, end, answered, load);
      }
      await(
          CompletableFuture.allOf(loads.toArray(CompletableFuture[]::new)),
          time.plusSeconds(ANSWER_SECONDS));
    } finally {
      callers.forEach(HttpCaller::close);
    }
    return answered.get();
  }

  /** Sends the next call when the last one is answered, until it is time. */
  private static void callOn(
      HttpCaller caller,
      String path,
      String body,
      long end,
      AtomicLong answered,
      CompletableFuture<Void> load) {
    var unused =
        caller
            .send("POST", path, body)
            .whenComplete((answer, failure) -> {
              if (failure != null) {
                load.completeExceptionally(failure);
                return;
              }
              if (answer.status() != 200 || !answer.body().equals(body)) {
                load.completeExceptionally(unexpected(path, answer));
                return;
              }
              answered.incrementAndGet();
              if (System.nanoTime() - end >= 0) {
                load.complete(null);
              } else {
                callOn(caller, path, body, end, answered, load);
              }
            });
  }

  /** Makes an app, a function and a trigger, and looks at them. */
  private String make() throws IOException, InterruptedException {
    HttpCaller caller = HttpCaller.connect(group, apiPort);
    try {
      String app = post(caller, "/v2/apps", "{\"name\":\"rehearsal\",\"config\":{\"A\":\"1\"}}");
      String fn =
          post(
              caller,
              "/v2/fns",
              "{\"name\":\"call\",\"app_id\":\"%s\",\"image\":\"stand/in:1\",\"memory\":%d}"
                  .formatted(app, FUNCTION_MEMORY));
      String unused =
          post(
              caller,
              "/v2/triggers",
              "{\"name\":\"call\",\"app_id\":\"%s\",\"fn_id\":\"%s\",\"type\":\"http\",\"source\":\"/call\"}"
                  .formatted(app, fn));
      for (String path :
          List.of("/v2/apps", "/v2/fns?app_id=" + app, "/v2/fns/" + fn, "/metrics")) {
        get(caller, path);
      }
      return fn;
    } finally {
      caller.close();
    }
  }

  private static String post(HttpCaller caller, String path, String body)
      throws IOException, InterruptedException {
    HttpCaller.Answer answer = answer(caller, "POST", path, body);
    JsonNode id = JSON.readTree(answer.body()).path("id");
    if (!id.isTextual()) {
      throw unexpected(path, answer);
    }
    return id.asText();
  }

  private static void get(HttpCaller caller, String path) throws IOException, InterruptedException {
    HttpCaller.Answer answer = answer(caller, "GET", path, "");
    if (answer.status() != 200) {
      throw unexpected(path, answer);
    }
  }

  private static HttpCaller.Answer answer(
      HttpCaller caller, String method, String path, String body)
      throws IOException, InterruptedException {
    return await(caller.send(method, path, body), Duration.ofSeconds(ANSWER_SECONDS));
  }

  private static <T> T await(CompletableFuture<T> future, Duration limit)
      throws IOException, InterruptedException {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("a rehearsed call failed: " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("a rehearsed call was not answered within " + limit, e);
    }
  }

  private static IOException unexpected(String path, HttpCaller.Answer answer) {
    return new IOException(
        "%s was answered with %d %s"
            .formatted(
                path,
                answer.status(),
                answer.body().substring(0, Math.min(200, answer.body().length()))));
  }

  /** Stops the nodes and removes their files. */
  @Override
  public void close() throws IOException {
    nodes.reversed().forEach(node -> node.stop(STOP_LIMIT));
    if (standInApi != null) {
      standInApi.close();
    }
    metrics.forEach(Metrics::close);
    group.shutdownGracefully(0, STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).awaitUninterruptibly();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }
}
