package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.model.Call;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.driver.OutputSource;
import dev.fncluster.runner.logs.LogLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What functions in real containers write, as it arrives here. */
@Tag("docker")
@Timeout(300)
final class DockerLogsTest {
  private static final long LIMIT = 1024 * 1024;
  private static DockerRig rig;

  private final List<LogLine> lines = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private boolean sinkHangs;
  private final List<RunnerAgent> agents = new ArrayList<>();

  @BeforeAll
  static void openRig() throws Exception {
    rig = new DockerRig("logs-test");
  }

  @AfterAll
  static void closeRig() throws Exception {
    rig.close();
  }

  @AfterEach
  void closeAgents() throws Exception {
    gate.countDown();
    for (RunnerAgent each : agents) {
      rig.closeAndCheck(each);
    }
  }

  private RunnerAgent agent(String... settings) throws Exception {
    Map<String, String> all = new HashMap<>(Map.of("FN_DISABLE_DEBUG_USER_LOGS", "true"));
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    RunnerAgent agent = rig.agent(all, 2048, Cgroups.in(Path.of("/")), this::take);
    agents.add(agent);
    return agent;
  }

  private void take(LogLine line) {
    try {
      if (sinkHangs) {
        gate.await();
      }
      lines.add(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void succeed(RunnerAgent agent, Call call, String body) throws Exception {
    assertThat(rig.run(agent, call, body).failure()).isNull();
  }

  private List<String> texts() {
    return lines.stream().map(line -> line.callId() + ":" + line.data().toStringUtf8()).toList();
  }

  private static void eventually(Runnable check) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(check::run);
  }

  @Test
  void linesComeWithTheIdsOfTheirCall() throws Exception {
    RunnerAgent agent = agent();
    Map<String, String> config = Map.of("INIT_PRINT", "starting\n");
    succeed(agent, TestCalls.call("c1", "print").config(config), "hello\nno end");
    eventually(() ->
        assertThat(texts())
            .containsExactlyInAnyOrder(":starting", "c1:hello", "c1:no end", "c1:to stderr"));
    // In between the container is frozen, and thawed for the second call.
    succeed(agent, TestCalls.call("c2", "print").config(config), "again, \u00fc \u20ac\n");
    eventually(() -> assertThat(texts()).contains("c2:again, \u00fc \u20ac", "c2:to stderr"));

    LogLine first = lines.getFirst();
    assertThat(first.appId()).isEqualTo("app");
    assertThat(first.fnId()).isEqualTo("fn");
    assertThat(first.containerId()).isNotEmpty();
    assertThat(lines).allMatch(line -> line.containerId().equals(first.containerId()));
    assertThat(lines)
        .allMatch(line ->
            (line.source() == OutputSource.STDERR)
                == line.data().toStringUtf8().equals("to stderr"));
    assertThat(rig.count("fn_function_log_lines")).isEqualTo(6);
  }

  @Test
  void lastWordsAreHeard() throws Exception {
    RunnerAgent agent = agent();
    assertThat(rig.run(agent, TestCalls.call("c1", "printexit:3"), "bye\nno end").failure())
        .hasMessage("error receiving function response");
    eventually(() -> assertThat(texts()).containsExactly("c1:bye", "c1:no end"));

    Call broken =
        TestCalls.call("c2", "echo").config(Map.of("INIT_PRINT", "can't start", "INIT_EXIT", "1"));
    assertThat(rig.run(agent, broken, "").failure())
        .hasMessageStartingWith("Container failed to initialize");
    eventually(() -> assertThat(texts()).endsWith(":can't start"));
  }

  @Test
  void callThatWritesTenMebibytesIsCutAndNotHeld() throws Exception {
    RunnerAgent agent = agent();
    succeed(agent, TestCalls.call("c1", "flood:10485760"), "x".repeat(99) + "\n");
    // The end of it is still on its way. All are counted: the lines, in writes of 82, the one that
    // is cut as two, and the note on that.
    eventually(() ->
        assertThat(rig.count("fn_function_log_dropped_lines") + rig.count("fn_function_log_lines"))
            .isEqualTo(1279 * 82 + 2));
    // A pause in the flood is what tells that more of it is another call's.
    Thread.sleep(100);
    succeed(agent, TestCalls.call("c2", "print"), "after\n");
    eventually(() -> assertThat(texts()).contains("c2:after"));
    long kept =
        lines.stream()
            .filter(line -> line.callId().equals("c1"))
            .mapToLong(line -> line.data().size() + 1)
            .sum();
    assertThat(kept).isBetween(LIMIT, LIMIT + 100);
    assertThat(texts())
        .containsOnlyOnce("c1:-----max log size 1048576 bytes exceeded, truncating log-----");
  }

  @Test
  void tenMebibytesWithoutAnEndAreCutIntoLines() throws Exception {
    RunnerAgent agent = agent();
    succeed(agent, TestCalls.call("c1", "flood:10485760"), "\u00fc".repeat(50));
    eventually(() ->
        assertThat(texts())
            .contains("c1:-----max log size 1048576 bytes exceeded, truncating log-----"));
    assertThat(lines).hasSizeBetween(64, 66).allMatch(line -> line.data().size() <= 16 * 1024);
    assertThat(lines)
        .filteredOn(line -> line.data().size() > 100)
        .allMatch(line -> line.data().toStringUtf8().chars().allMatch(c -> c == '\u00fc'));
  }

  @Test
  void sinkThatHangsHoldsNoCall() throws Exception {
    sinkHangs = true;
    RunnerAgent agent = agent("FN_MAX_LOG_SIZE_BYTES", "100000000");
    // Much more than all queues on the way hold together.
    succeed(agent, TestCalls.call("c1", "flood:50000000"), "x".repeat(99) + "\n");
    eventually(() -> assertThat(rig.count("fn_function_log_dropped_lines")).isGreaterThan(100_000));
    succeed(agent, TestCalls.call("c2", "echo"), "x");
    sinkHangs = false;
    gate.countDown();
    eventually(() -> assertThat(lines).hasSizeGreaterThan(1000));
  }

  @Test
  void outputThatBreaksGoesOnAndSaysSo() throws Exception {
    Path folder = Files.createTempDirectory("engine");
    try (EngineProxy proxy =
        EngineProxy.at(folder.resolve("docker.sock"), TestImage.engineSocket())) {
      RunnerAgent agent = agent("DOCKER_HOST", proxy.dockerHost());
      succeed(agent, TestCalls.call("c1", "print"), "before\n");
      eventually(() -> assertThat(texts()).contains("c1:before"));
      proxy.cut();
      eventually(() -> assertThat(texts()).contains(":-----some output may be lost here-----"));
      succeed(agent, TestCalls.call("c2", "print"), "after\n");
      succeed(agent, TestCalls.call("c3", "print").fnId("another"), "more\n");
      eventually(() -> assertThat(texts()).contains("c2:after", "c3:more"));
      assertThat(texts()).doesNotContain(":-----the output from here on is lost-----");
      rig.closeAndCheck(agent);
      agents.clear();
    }
    Files.delete(folder);
  }

  @Test
  void threadsDoNotGrowWithContainers() throws Exception {
    RunnerAgent agent = agent("FN_MAX_CONCURRENT_STARTS", "4");
    succeed(agent, TestCalls.call("first", "print"), "first\n");
    int before = Thread.getAllStackTraces().size();
    List<CompletableFuture<TestCalls.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Call call = TestCalls.call("c" + i, "print").fnId("fn" + i);
      all.add(rig.start(agent, call, "hello from " + i + "\n"));
    }
    for (CompletableFuture<TestCalls.Outcome> each : all) {
      assertThat(each.get(120, TimeUnit.SECONDS).failure()).isNull();
    }
    for (int i = 0; i < 6; i++) {
      String expected = "c" + i + ":hello from " + i;
      eventually(() -> assertThat(texts()).contains(expected));
    }
    assertThat(rig.containers()).hasSize(7);
    // A virtual thread's carrier may come and go.
    assertThat(Thread.getAllStackTraces().size()).isLessThanOrEqualTo(before + 4);
  }
}
