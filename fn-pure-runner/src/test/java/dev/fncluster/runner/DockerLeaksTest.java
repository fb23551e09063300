package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.fncluster.api.error.FnException;
import dev.fncluster.runner.ScriptedRegistry.Answer;
import dev.fncluster.runner.cgroup.Cgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of a runner on a real engine when it has been closed amid its work. */
@Tag("docker")
@Timeout(300)
final class DockerLeaksTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> OURS = List.of("\"docker-", "\"image-", "\"fn-function-log");

  private static long entries(String folder) {
    try (Stream<Path> all = Files.list(Path.of(folder))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The threads of drivers, virtual ones too. */
  private static List<String> threads() {
    try {
      Path dump = Files.createTempDirectory("threads").resolve("dump");
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
      List<String> found =
          Files.readAllLines(dump).stream()
              .filter(line -> OURS.stream().anyMatch(line::contains))
              .toList();
      Files.delete(dump);
      Files.delete(dump.getParent());
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An agent with room for four functions. */
  private static RunnerAgent agent(DockerRig rig) throws Exception {
    return rig.agent(
        Map.of(
            "FN_DOCKER_STATS_MSECS",
            "20",
            "FN_FREEZE_IDLE_MSECS",
            "50",
            "FN_IMAGE_CLEAN_MAX_SIZE",
            "1000000000000",
            "FN_EXPERIMENTAL_PREFORK_POOL_SIZE",
            "3"),
        512,
        Cgroups.in(Path.of("/")),
        line -> {});
  }

  /** Runs functions and pulls an image that never comes; then closes. */
  private static void useAndClose(DockerRig rig) throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedRegistry silent =
        new ScriptedRegistry((method, path) -> {
          asked.countDown();
          try {
            closed.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new Answer(404, "{}");
        })) {
      RunnerAgent agent = agent(rig);
      for (int i = 0; i < 3; i++) {
        var call = TestCalls.call("c" + i, "print").fnId("fn" + i);
        assertThat(rig.run(agent, call, "x\n").failure()).isNull();
      }
      CompletableFuture<TestCalls.Outcome> waiting =
          rig.start(
              agent, TestCalls.call("p", "echo").fnId("p").image(silent.host() + "/x:1"), "x");
      assertThat(asked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(threads()).isNotEmpty();

      long began = System.nanoTime();
      rig.closeAndCheck(agent);
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .as("a pull that goes on holds nobody up")
          .isLessThan(Duration.ofSeconds(45));
      FnException refused =
          (FnException) Objects.requireNonNull(waiting.get(60, TimeUnit.SECONDS).failure());
      assertThat(refused.code()).as("another runner may have it").isEqualTo(503);
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(threads()).as("threads of the driver").isEmpty());
    } finally {
      closed.countDown();
    }
  }

  @Test
  void nothingIsLeftOfADriverThatWasClosed() throws Exception {
    try (DockerRig rig = new DockerRig("leaks")) {
      assertNoGrowth(
          () -> useAndClose(rig),
          () -> {
            useAndClose(rig);
            useAndClose(rig);
          });
    }
  }

  @Test
  void nothingIsLeftOfTwoHundredFunctionsWithRoomForFour() throws Exception {
    try (DockerRig rig = new DockerRig("many")) {
      assertNoGrowth(() -> callInTurn(rig, 8), () -> callInTurn(rig, 200));
    }
  }

  private static void callInTurn(DockerRig rig, int functions) throws Exception {
    RunnerAgent agent = agent(rig);
    for (int i = 0; i < functions; i++) {
      TestCalls.Outcome outcome =
          rig.run(agent, TestCalls.call("c" + i, "echo").fnId("fn" + i), "body " + i);
      assertThat(outcome.failure()).as("function %d", i).isNull();
      assertThat(outcome.text()).isEqualTo("body " + i);
      assertThat(agent.resources().used().memory())
          .as("memory after function %d", i)
          .isLessThanOrEqualTo(512 * DockerRig.MEBIBYTE);
    }
    rig.closeAndCheck(agent);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(threads()).as("threads of the driver").isEmpty());
  }

  private interface Use {
    void run() throws Exception;
  }

  private static void assertNoGrowth(Use first, Use more) throws Exception {
    // What is there once and for all is there after this.
    first.run();
    long files = entries("/proc/self/fd");
    long tasks = entries("/proc/self/task");
    more.run();
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(entries("/proc/self/fd")).as("open files").isLessThanOrEqualTo(files + 2));
    // Carriers of virtual threads and the JVM's own come and go.
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(entries("/proc/self/task")).as("threads").isLessThanOrEqualTo(tasks + 6));
  }
}
