package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HostConfig;
import dev.fncluster.api.model.Call;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the real engine makes of a function's limits. */
@Tag("docker")
final class DockerConfinementTest {
  private static DockerRig rig;
  private static RunnerAgent agent;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("confinement-test");
    agent = rig.agent(Map.of("FN_MAX_TMPFS_INODES", "1025"), 512);
  }

  @AfterAll
  static void nothingIsLeft() throws Exception {
    rig.closeAndCheck(agent);
    rig.close();
  }

  @Test
  void theFolderForTemporaryFilesIsLimitedInBytesAndFiles() throws Exception {
    Call call = TestCalls.call("c1", "read:/proc/mounts").fnId("files").tmpfsSize(1).timeout(60);
    TestCalls.Outcome outcome = rig.run(agent, call, "");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text().lines())
        .anyMatch(line ->
            line.matches(
                "tmpfs /tmp tmpfs rw,nosuid,nodev,noexec,relatime.*,size=1024k,nr_inodes=1025.*"))
        .anyMatch(line -> line.matches("\\S+ / \\S+ ro,.*"));
  }

  @Test
  void aFunctionWithoutANetworkHasOnlyTheLoopback() throws Exception {
    Call call =
        TestCalls.call("c2", "read:/proc/net/dev").fnId("lonely").networkDisabled(true).timeout(60);
    TestCalls.Outcome outcome = rig.run(agent, call, "");
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text().lines().filter(line -> line.contains(":")))
        .hasSize(1)
        .allMatch(line -> line.strip().startsWith("lo:"));
    assertThat(rig.containers())
        .extracting(each -> rig.docker().inspectContainerCmd(each.getId()).exec().getHostConfig())
        .extracting(HostConfig::getNetworkMode)
        .contains("none");
  }
}
