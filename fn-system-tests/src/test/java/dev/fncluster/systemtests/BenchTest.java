package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/bench} makes of its figures, and how it loads. */
// It needs no engine but jq, gnuplot and wrk, which bin/verify installs.
@Tag("docker")
final class BenchTest {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private static final String BEFORE =
      """
      {"ratios": {"p50_at_1": 2.00, "throughput_at_8": 0.50, "relay_limit_throughput_at_8": 0.6},
       "limit": {"1": {"p50_micros": 100, "p99_micros": 200, "requests_per_second": 9000},
                 "8": {"p50_micros": 100, "p99_micros": 200, "requests_per_second": 30000},
                 "32": {"p50_micros": 100, "p99_micros": 200, "requests_per_second": 30000}},
       "cluster": {"1": {"p50_micros": 200, "p99_micros": 400, "requests_per_second": 4000},
                   "8": {"p50_micros": 400, "p99_micros": 900, "requests_per_second": 15000,
                         "requests": 90000, "errors": 0},
                   "32": {"p50_micros": 900, "p99_micros": 1900, "requests_per_second": 16000}},
       "relay": {"8": {"p50_micros": 200, "p99_micros": 400, "requests_per_second": 20000}},
       "cold_start_millis": {"cluster": [120, 130, 125], "bare": [200, 210, 220],
                             "parts": {"schedule": 2.5, "image_pull": 0.0, "prepare": 1.0,
                                       "create": 80.0, "socket_wait": 40.0, "first_call": 3.0}},
       "start_up": {"with_cache": {"requests_by_second": [100, 200, 300]},
                    "without_cache": {"requests_by_second": [50, 100, 200]}},
       "pieces": {"A.quick": {"nanos": 100.0, "error": 30.0, "bytes": 48.0},
                  "A.exact": {"nanos": 100.0, "error": 1.0, "bytes": 48.0}},
       "machine": {"processors": 2}}
      """;

  private static final String WORSE =
      """
      {"ratios": {"p50_at_1": 2.50, "throughput_at_8": 0.40, "relay_limit_throughput_at_8": 0.4},
       "limit": {"8": {"requests_per_second": 20000}},
       "cluster": {"1": {"p50_micros": 215, "p99_micros": 300, "requests_per_second": 4500},
                   "8": {"p50_micros": 500, "p99_micros": 900, "requests_per_second": 12000,
                         "requests": 9, "errors": 0}},
       "relay": {"8": {"p50_micros": 900, "p99_micros": 900, "requests_per_second": 9000}},
       "cold_start_millis": {"cluster": [120, 500, 130], "bare": [900, 900, 900],
                             "parts": {"create": 120.0, "schedule": 3.5}},
       "pieces": {"A.quick": {"nanos": 140.0, "error": 30.0, "bytes": 48.0},
                  "A.exact": {"nanos": 140.0, "error": 1.0, "bytes": 96.0}},
       "machine": {"processors": 4}}
      """;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private Path before;

  @SuppressWarnings("NullAway.Init")
  private Path worse;

  @BeforeEach
  void writeFigures() throws IOException {
    before = Files.writeString(folder.resolve("before.json"), BEFORE);
    worse = Files.writeString(folder.resolve("worse.json"), WORSE);
  }

  private static Commands.Result bench(String... arguments) {
    List<String> command = new ArrayList<>(List.of("bin/bench"));
    command.addAll(List.of(arguments));
    return Commands.run(BOUND, Repository.root(), Map.of(), command);
  }

  @Test
  void tellsWhatGotWorseByMoreThanATenthAndNothingElse() {
    Commands.Result result = bench("--from", worse.toString(), "--compare", before.toString());

    assertThat(result.exitStatus()).as(result.output()).isZero();
    assertThat(result.output().lines().filter(line -> line.contains("%")).skip(1))
        .extracting(line -> line.split(" +", 2)[0])
        .containsExactlyInAnyOrder(
            "ratios.p50_at_1",
            "ratios.throughput_at_8",
            "cluster.8.p50_micros",
            "cluster.8.requests_per_second",
            "cold_start_millis.parts.create",
            "pieces.A.exact.nanos",
            "pieces.A.exact.bytes");
    assertThat(result.output()).contains("30000 then 20000");
  }

  @Test
  void tellsThatNothingGotWorse() {
    Commands.Result result = bench("--from", before.toString(), "--compare", before.toString());

    assertThat(result.exitStatus()).as(result.output()).isZero();
    assertThat(result.output()).contains("nothing got worse by more than 10 %");
  }

  @Test
  void drawsItsFigures() throws IOException {
    Path plots = folder.resolve("plots");
    Commands.Result result = bench("--from", before.toString(), "--plots", plots.toString());

    assertThat(result.exitStatus()).as(result.output()).isZero();
    for (String name : List.of("latency", "throughput", "cold-start", "first-seconds")) {
      assertThat(Files.readString(plots.resolve(name + ".svg"))).contains("<svg", "</svg>");
    }
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(bench("--full", "--quick").output())
        .contains("--quick and --full do not go together");
    assertThat(bench("--json").output()).contains("--json needs a name");
    assertThat(bench("--from", "/nowhere").output()).contains("there is no file /nowhere");
    assertThat(bench())
        .satisfies(result -> {
          assertThat(result.exitStatus()).isEqualTo(1);
          assertThat(result.output()).contains("usage: bin/bench");
        });
  }

  /** A call that is cut off would cost a runner its container. */
  @Test
  void loadsEndWithAllCallsAnswered() throws IOException {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Commands.Result result;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            begun.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            pause();
            byte[] body = new byte[1024];
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
            answered.incrementAndGet();
          });
      server.start();
      String script =
          "source bin/lib/common.sh; source bin/lib/load.sh; write_load_script \"$1\"; load \"$1\" \"$2\" 4 2";
      result =
          Commands.run(
              BOUND,
              Repository.root(),
              Map.of(),
              List.of(
                  "bash",
                  "-c",
                  script,
                  "bash",
                  folder.resolve("post.lua").toString(),
                  "http://127.0.0.1:" + server.getAddress().getPort() + "/"));
      server.stop(0);
    }

    // All handlers have ended by now.
    assertThat(result.exitStatus()).as(result.output()).isZero();
    String[] figures = result.output().strip().split(" ", -1);
    assertThat(figures).as(result.output()).hasSize(5);
    assertThat(begun.get()).isPositive().isEqualTo(answered.get());
    assertThat(figures[2]).isEqualTo(Integer.toString(begun.get()));
    assertThat(figures[3]).isEqualTo("1500000");
    assertThat(figures[4]).isEqualTo("0");
  }

  /** So that at every moment calls are under way. */
  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
