package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.error.FunctionException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.testing.FreePorts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.TryResult;
import dev.fncluster.runnerpool.fake.FakeRunner;
import dev.fncluster.server.ApiNode;
import dev.fncluster.server.FullNode;
import dev.fncluster.stats.BucketSets;
import dev.fncluster.stats.Buckets;
import dev.fncluster.stats.Distributions;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nodes export of their calls, as an embedding program or an operator arranges it. */
@Timeout(180)
final class NodeMetricsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private static final BucketSets OWN =
      new BucketSets(
          Buckets.of(77),
          Buckets.of(99),
          Distributions.IO,
          Distributions.MEMORY,
          Distributions.CPU);

  /** Knows one app; fns are called as their images. */
  private static final class AnyFn implements ReadDataAccess {
    @Override
    public String appIdByName(String name) {
      return "app1";
    }

    @Override
    public App app(String id) {
      return new App(id, "theirs", Map.of(), Map.of(), "", "", null, null);
    }

    @Override
    public Fn fn(String id) {
      int timeout = id.equals("slow") ? 1 : 60;
      return new Fn(id, id, "app1", id, 400L, timeout, 30, Map.of(), Map.of(), "", null, null);
    }

    @Override
    public Trigger triggerBySource(String appId, String type, String source) {
      return new Trigger("t1", "t", appId, "fn1", null, null, type, source, Map.of());
    }
  }

  private static WireClient full(
      LocalNodes nodes, ScriptedDriver driver, Map<String, String> settings) throws Exception {
    int port = FreePorts.next();
    Map<String, String> all = new HashMap<>(settings);
    all.put("FN_PORT", Integer.toString(port));
    all.put("FN_DB_URL", "sqlite3://" + nodes.folder().resolve("full.db"));
    all.put("FN_IOFS_PATH", Files.createDirectory(nodes.folder().resolve("s")).toString());
    all.put("FN_MAX_TOTAL_MEMORY_BYTES", Long.toString(512L << 20));
    FullNode started =
        nodes.start(
            context ->
                FullNode.builder(context)
                    .driver(driver)
                    .readDataAccess(new AnyFn())
                    .buckets(OWN)
                    .build(),
            all);
    assertThat(started.name()).isEqualTo("fn-server");
    return new WireClient(port);
  }

  private static List<String> page(WireClient node) throws Exception {
    return node.send("GET", "/metrics", "").body().lines().toList();
  }

  @Test
  void aFullNodeCountsEachCallOnceHoweverOftenItIsTried() throws Exception {
    ScriptedDriver driver = new ScriptedDriver();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    driver.script("quick", seen -> ScriptedFunction.reply(200, "done"));
    driver.script("failing", seen -> ScriptedFunction.reply(502, ""));
    driver.script(
        "slow",
        seen -> {
          never.await();
          return null;
        });
    driver.script(
        "held",
        seen -> {
          held.await();
          return ScriptedFunction.reply(200, "done");
        });
    try (LocalNodes nodes = new LocalNodes()) {
      WireClient node = full(nodes, driver, Map.of("FN_PLACER_TIMEOUT_MSECS", "1000"));
      assertThat(node.send("POST", "/invoke/quick", "x").status()).isEqualTo(200);
      assertThat(node.send("POST", "/invoke/failing", "x").status()).isEqualTo(502);
      assertThat(node.send("POST", "/invoke/slow", "x").status()).isEqualTo(504);
      CompletableFuture<Integer> going =
          CompletableFuture.supplyAsync(() -> {
            try {
              return node.send("POST", "/invoke/held", "x").status();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      await().atMost(BOUND).until(() -> page(node).contains("fn_running 1.0"));
      // A hundred tries, for all of which there is no room.
      assertThat(node.send("POST", "/invoke/quick", "x").status()).isEqualTo(503);
      held.countDown();
      assertThat(going.get()).isEqualTo(200);

      assertThat(page(node))
          .contains(
              "fn_calls_total 5.0",
              "fn_completed_total 2.0",
              "fn_errors_total 1.0",
              "fn_timeouts_total 1.0",
              "fn_server_busy_total 1.0",
              "fn_canceled_total 0.0",
              "fn_running 0.0",
              "fn_queued 0.0",
              "fn_lb_call_latency_count{call_status=\"completed\"} 2",
              "fn_lb_call_latency_count{call_status=\"errors\"} 1",
              "fn_lb_call_latency_count{call_status=\"timeouts\"} 1",
              "fn_lb_call_latency_count{call_status=\"server_busy\"} 1");
    } finally {
      never.countDown();
    }
  }

  /** Behaves as the function of a call is called. */
  private static final class ScriptedPool implements RunnerPool {
    private final FakeRunner runner =
        new FakeRunner(
            "a",
            (call, attempt, done) -> {
              switch (call.model().fnId()) {
                case "placed" -> done.done(TryResult.ok());
                case "failed" -> done.done(TryResult.failed(InvocationErrors.functionFailed()));
                case "late" -> done.done(new TryResult.Abandoned(CancelCause.DEADLINE, true));
                case "unreached" ->
                    done.done(
                        new TryResult.NotPlaced(
                            InvocationErrors.internal(new IllegalStateException("no route"))));
                case "held" ->
                    attempt.onCancel(cause ->
                        call.eventLoop()
                            .execute(() -> done.done(new TryResult.Abandoned(cause, true))));
                default -> done.done(TryResult.busy());
              }
            });

    @Override
    public RunnerList runners(RunnerCall call) {
      return switch (call.model().fnId()) {
        case "nobody" -> RunnerList.of(List.of());
        case "refused" -> RunnerList.failed(new FunctionException(502, "no such group"));
        default -> RunnerList.of(List.of(runner));
      };
    }

    @Override
    public boolean mayBlock() {
      return false;
    }

    @Override
    public void shutdown(Duration grace) {}
  }

  private static void leave(WireClient front, String fn) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", front.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST /invoke/" + fn + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      await().atMost(BOUND).until(() -> page(front).contains("fn_running 1.0"));
    }
    await().atMost(BOUND).until(() -> page(front).contains("fn_running 0.0"));
  }

  @Test
  void everyEndOfACallIsCountedOnceAndNoCallThatItsClientLeftAsAFailure() throws Exception {
    try (LocalNodes nodes = new LocalNodes()) {
      LbNode node =
          nodes.start(
              context ->
                  LbNode.builder(context)
                      .pool(new ScriptedPool())
                      .readDataAccess(new AnyFn())
                      .build(),
              Map.of(
                  "FN_PORT", "0",
                  "FN_RUNNER_API_URL", "http://127.0.0.1:1",
                  "FN_PLACER_TIMEOUT_MSECS", "2000"));
      WireClient front = new WireClient(node.port());
      Map<String, Integer> answers =
          Map.of(
              "placed",
              200,
              "failed",
              502,
              "late",
              504,
              "unreached",
              503,
              "nobody",
              503,
              "refused",
              502,
              "busy",
              503);
      for (Map.Entry<String, Integer> each : answers.entrySet()) {
        assertThat(front.send("POST", "/invoke/" + each.getKey(), "").status())
            .as(each.getKey())
            .isEqualTo(each.getValue());
      }
      leave(front, "busy");
      leave(front, "held");

      assertThat(page(front))
          .contains(
              "fn_calls_total 9.0",
              "fn_completed_total 1.0",
              "fn_errors_total 2.0",
              "fn_timeouts_total 1.0",
              "fn_server_busy_total 3.0",
              "fn_canceled_total 2.0",
              "fn_lb_placer_placed_ok_count_total 1.0",
              "fn_lb_placer_placed_error_count_total 1.0",
              "fn_lb_placer_client_timeout_count_total 1.0",
              "fn_lb_placer_client_cancelled_count_total 2.0",
              "fn_lb_placer_timeout_count_total 3.0",
              "fn_lb_placer_rp_error_count_total 1.0",
              // Of "late" and "held".
              "fn_lb_placer_placed_abort_count_total 2.0",
              "fn_lb_placer_attempt_count_count 9",
              "fn_lb_placer_latency_count 9")
          .anyMatch(
              line -> line.startsWith("fn_lb_placer_retry_error_count_total ") && isMany(line))
          .anyMatch(line -> line.startsWith("fn_lb_placer_retry_busy_count_total ") && isMany(line))
          .anyMatch(line -> line.startsWith("fn_lb_placer_rp_empty_count_total ") && isMany(line));
    }
  }

  private static boolean isMany(String line) {
    return Double.parseDouble(line.substring(line.indexOf(' '))) > 10;
  }

  @Test
  void aFullNodeShowsItsOneRunnerToOperators() throws Exception {
    int port = FreePorts.next();
    try (LocalNodes nodes = new LocalNodes()) {
      full(nodes, new ScriptedDriver(), Map.of("FN_ADMIN_PORT", Integer.toString(port)));
      assertThat(new WireClient(port).send("GET", "/debug/runners", "").body())
          .isEqualTo("[{\"address\":\"in-process\",\"available\":true,\"callsUnderWay\":0}]\n");
    }
  }

  @Test
  void everyKindOfNodeHasTheBucketsOfItsProgram() throws Exception {
    ScriptedDriver driver = new ScriptedDriver();
    driver.script("quick", seen -> ScriptedFunction.reply(200, "done"));
    try (LocalNodes nodes = new LocalNodes();
        LocalCluster cluster =
            LocalCluster.start(
                (PureRunnerNode.Builder runner) -> runner.buckets(OWN),
                (LbNode.Builder balancer) -> balancer.buckets(OWN))) {
      WireClient full = full(nodes, driver, Map.of());
      assertThat(full.send("POST", "/invoke/quick", "x").status()).isEqualTo(200);
      assertThat(cluster.createFn().invoke("x").status()).isEqualTo(200);
      int apiPort = FreePorts.next();
      ApiNode unused =
          nodes.start(
              context -> ApiNode.builder(context).buckets(OWN).build(),
              Map.of(
                  "FN_PORT",
                  Integer.toString(apiPort),
                  "FN_DB_URL",
                  "sqlite3://" + nodes.folder().resolve("api.db")));
      WireClient api = new WireClient(apiPort);
      for (WireClient each : List.of(api, cluster.front(), cluster.runner(), full)) {
        assertThat(each.send("GET", "/", "").status()).isEqualTo(200);
        assertThat(bounds(each, "fn_api_latency")).containsOnly("77.0", "+Inf");
      }
      for (WireClient each : List.of(cluster.front(), full)) {
        assertThat(bounds(each, "fn_lb_call_latency")).containsOnly("99.0", "+Inf");
        assertThat(bounds(each, "fn_lb_placer_latency")).containsOnly("99.0", "+Inf");
        assertThat(bounds(each, "fn_lb_runner_sched_latency")).containsOnly("99.0", "+Inf");
      }
      for (WireClient each : List.of(cluster.runner(), full)) {
        assertThat(bounds(each, "fn_container_launch_latency")).containsOnly("77.0", "+Inf");
        assertThat(bounds(each, "fn_container_wait_duration_seconds"))
            .containsOnly("0.077", "+Inf");
      }
      assertThat(page(cluster.front())).noneMatch(line -> line.startsWith("fn_container_"));
      assertThat(page(cluster.runner())).noneMatch(line -> line.startsWith("fn_lb_"));
      assertThat(page(api))
          .noneMatch(line -> line.matches("fn_(lb|container|docker|calls|running|queued)_.*"));
    }
  }

  private static List<String> bounds(WireClient node, String histogram) throws Exception {
    return page(node).stream()
        .filter(line -> line.startsWith(histogram + "_bucket{"))
        .map(line -> line.replaceFirst(".*le=\"([^\"]*)\".*", "$1"))
        .toList();
  }
}
