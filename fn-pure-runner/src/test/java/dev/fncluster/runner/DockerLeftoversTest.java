package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.NotFoundException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which containers a runner removes when it starts. */
@Tag("docker")
final class DockerLeftoversTest {
  private static final String CLASSIFIER = "fn-agent-classifier";
  private static final String INSTANCE = "fn-agent-instance";

  @Test
  void removesThoseOfItsTagWhetherTheyRunOrNot() throws Exception {
    try (DockerRig rig = new DockerRig("leftovers-test")) {
      Map<String, Boolean> survives = new LinkedHashMap<>();
      try {
        String otherTag = rig.tag() + "-other";
        survives.put(container(rig, true, Map.of(CLASSIFIER, otherTag, INSTANCE, "dead")), true);
        survives.put(container(rig, true, Map.of(INSTANCE, "dead")), true);
        survives.put(container(rig, true, Map.of(CLASSIFIER, rig.tag(), INSTANCE, "dead")), false);
        survives.put(container(rig, false, Map.of(CLASSIFIER, rig.tag(), INSTANCE, "dead")), false);
        survives.put(container(rig, false, Map.of(CLASSIFIER, rig.tag())), false);

        RunnerAgent agent = rig.agent(Map.of(), 256);
        Map<String, Boolean> found = new HashMap<>();
        survives.keySet().forEach(id -> found.put(id, exists(rig, id)));
        assertThat(found).isEqualTo(survives);
        assertThat(rig.run(agent, TestCalls.call("c1", "echo"), "own").text()).isEqualTo("own");
        assertThat(rig.containers()).as("its own").hasSize(1);
        rig.closeAndCheck(agent);
      } finally {
        survives.keySet().forEach(id -> remove(rig, id));
      }
    }
  }

  private static String container(DockerRig rig, boolean runs, Map<String, String> labels) {
    String id =
        rig.docker()
            .createContainerCmd(TestImage.NAME)
            .withEnv("INIT_DELAY_MS=600000")
            .withLabels(labels)
            .exec()
            .getId();
    if (runs) {
      rig.docker().startContainerCmd(id).exec();
    }
    return id;
  }

  private static boolean exists(DockerRig rig, String id) {
    try {
      rig.docker().inspectContainerCmd(id).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private static void remove(DockerRig rig, String id) {
    if (exists(rig, id)) {
      rig.docker().removeContainerCmd(id).withForce(true).exec();
    }
  }
}
