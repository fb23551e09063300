package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An engine that has lost a network: nothing can run here, but elsewhere it may. */
@Tag("docker")
final class DockerNetworkLossTest {
  private static void expectRefusal(DockerRig rig, String network) throws Exception {
    RunnerAgent agent =
        rig.agent(
            Map.of("FN_DOCKER_NETWORKS", network, "FN_EXPERIMENTAL_PREFORK_POOL_SIZE", "0"), 256);
    try {
      FnException failure =
          Objects.requireNonNull(
              (FnException) rig.run(agent, TestCalls.call("c1", "echo"), "x").failure());
      assertThat(failure.code()).isEqualTo(503);
      assertThat(failure.publicMessage()).isEqualTo("Timed out - server too busy");
    } finally {
      rig.closeAndCheck(agent);
    }
  }

  @Test
  void aCallMayGoElsewhereWhenANetworkIsGoneOrHasNoBridge() throws Exception {
    try (DockerRig rig = new DockerRig("network-loss")) {
      expectRefusal(rig, rig.tag() + "-none");

      String id = rig.docker().createNetworkCmd().withName(rig.tag()).exec().getId();
      try {
        Process removal =
            new ProcessBuilder("ip", "link", "delete", "br-" + id.substring(0, 12))
                .inheritIO()
                .start();
        assertThat(removal.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(removal.exitValue()).isZero();
        expectRefusal(rig, rig.tag());
      } finally {
        rig.docker().removeNetworkCmd(id).exec();
      }
    }
  }
}
