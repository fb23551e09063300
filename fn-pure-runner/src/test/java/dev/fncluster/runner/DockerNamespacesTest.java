package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.model.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Containers that join network namespaces which are there before them, on the real engine. */
@Tag("docker")
final class DockerNamespacesTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final String SIZE = "FN_EXPERIMENTAL_PREFORK_POOL_SIZE";

  private static boolean isNamespace(Container container) {
    return container.getNames()[0].contains("_prefork_");
  }

  private static List<Container> namespaces(DockerRig rig) {
    return rig.containers().stream()
        .filter(DockerNamespacesTest::isNamespace)
        .filter(each -> "running".equals(each.getState()))
        .toList();
  }

  private static List<InspectContainerResponse> functions(DockerRig rig) {
    return rig.containers().stream()
        .filter(each -> !isNamespace(each))
        .map(each -> rig.docker().inspectContainerCmd(each.getId()).exec())
        .toList();
  }

  private static void awaitNamespaces(DockerRig rig, int count) {
    await().atMost(BOUND).until(() -> namespaces(rig).size() == count);
  }

  private static Call call(String id) {
    return TestCalls.call(id, "echo");
  }

  private static String networkOf(InspectContainerResponse container) {
    return container.getHostConfig().getNetworkMode();
  }

  @Test
  void containersJoinAndLeaveThem() throws Exception {
    try (DockerRig rig = new DockerRig("namespaces")) {
      RunnerAgent agent = rig.agent(Map.of(SIZE, "1", "FN_FREEZE_IDLE_MSECS", "-1"), 512);
      awaitNamespaces(rig, 1);
      String namespace = namespaces(rig).getFirst().getId();

      assertThat(rig.run(agent, call("c1").fnId("fn1"), "one").text()).isEqualTo("one");
      InspectContainerResponse first = functions(rig).getFirst();
      assertThat(networkOf(first)).isEqualTo("container:" + namespace);
      assertThat(first.getConfig().getHostName())
          .isEqualTo(java.net.InetAddress.getLocalHost().getHostName());

      // None is left for the second.
      assertThat(rig.run(agent, call("c2").fnId("fn2"), "two").text()).isEqualTo("two");
      assertThat(functions(rig))
          .filteredOn(each -> !each.getId().equals(first.getId()))
          .singleElement()
          .satisfies(each -> assertThat(networkOf(each)).doesNotStartWith("container:"));

      // The first ends, and the third has what it leaves.
      rig.docker().killContainerCmd(first.getId()).exec();
      await().atMost(BOUND).until(() -> functions(rig).size() == 1);
      assertThat(rig.run(agent, call("c3").fnId("fn3"), "three").text()).isEqualTo("three");
      assertThat(functions(rig))
          .extracting(DockerNamespacesTest::networkOf)
          .contains("container:" + namespace);
      rig.closeAndCheck(agent);
    }
  }

  @Test
  void aNamespaceThatGoesTakesItsContainerAlongAndIsReplaced() throws Exception {
    try (DockerRig rig = new DockerRig("namespaces")) {
      RunnerAgent agent = rig.agent(Map.of(SIZE, "1"), 512);
      awaitNamespaces(rig, 1);
      assertThat(rig.run(agent, call("c1"), "one").text()).isEqualTo("one");
      String namespace = namespaces(rig).getFirst().getId();
      String function = functions(rig).getFirst().getId();

      rig.docker().killContainerCmd(namespace).exec();
      await()
          .atMost(BOUND)
          .until(() -> functions(rig).stream().noneMatch(each -> each.getId().equals(function)));
      awaitNamespaces(rig, 1);
      assertThat(namespaces(rig).getFirst().getId()).isNotEqualTo(namespace);
      assertThat(rig.run(agent, call("c2"), "two").text()).isEqualTo("two");
      rig.closeAndCheck(agent);
    }
  }

  @Test
  void functionsWithoutANetworkHaveNone() throws Exception {
    try (DockerRig rig = new DockerRig("namespaces")) {
      RunnerAgent agent = rig.agent(Map.of(SIZE, "1"), 512);
      awaitNamespaces(rig, 1);
      Call offline = call("c1").networkDisabled(true);
      assertThat(rig.run(agent, offline, "one").text()).isEqualTo("one");
      assertThat(networkOf(functions(rig).getFirst())).isEqualTo("none");
      rig.closeAndCheck(agent);
    }
  }

  @Test
  void theImageAndItsCommandMayBeOthers() throws Exception {
    try (DockerRig rig = new DockerRig("namespaces")) {
      String image = TestImage.NAME;
      // A command that does not exist keeps none from its answer.
      RunnerAgent faulty =
          rig.agent(
              Map.of(
                  SIZE,
                  "2",
                  "FN_EXPERIMENTAL_PREFORK_IMAGE",
                  image,
                  "FN_EXPERIMENTAL_PREFORK_CMD",
                  "/no/such/file"),
              512);
      assertThat(rig.run(faulty, call("c1"), "one").text()).isEqualTo("one");
      rig.closeAndCheck(faulty);

      RunnerAgent absent =
          rig.agent(Map.of(SIZE, "2", "FN_EXPERIMENTAL_PREFORK_IMAGE", "no/such:image"), 512);
      assertThat(rig.run(absent, call("c2"), "two").text()).isEqualTo("two");
      rig.closeAndCheck(absent);
    }
  }
}
