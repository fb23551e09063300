package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.error.FnException;
import dev.fncluster.runner.ScriptedRegistry.Answer;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Registries that do not give an image away. */
@Tag("docker")
final class DockerRefusingRegistryTest {
  private static DockerRig rig;
  private static RunnerAgent agent;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("refusing-registry");
    agent = rig.agent(Map.of("HOME", "/nonexistent", "DOCKER_CONFIG", "/nonexistent"), 256);
  }

  @AfterAll
  static void nothingIsLeft() throws Exception {
    rig.closeAndCheck(agent);
    rig.close();
  }

  private static FnException refusal(Answer answer) throws Exception {
    try (ScriptedRegistry registry = new ScriptedRegistry((method, path) -> answer)) {
      String image = registry.host() + "/some/fn:1";
      TestCalls.Outcome outcome =
          rig.run(agent, TestCalls.call("c1", "echo").image(image).timeout(60), "x");
      FnException failure = Objects.requireNonNull((FnException) outcome.failure());
      assertThat(failure.getMessage()).startsWith("Failed to pull image '" + image + "': ");
      return failure;
    }
  }

  @Test
  void aRegistryThatWantsCredentials() throws Exception {
    FnException failure =
        refusal(
            new Answer(
                401,
                "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}"));
    assertThat(failure.getMessage()).containsIgnoringCase("unauthorized");
    // Old engines answer 500 whatever the registry said; only a 4xx of theirs is passed on.
    assertThat(failure.code()).isIn(401, 502);
  }

  @Test
  void aRegistryThatTalksNonsense() throws Exception {
    FnException failure = refusal(new Answer(200, "this is no registry"));
    assertThat(failure.code()).isBetween(400, 502);
  }
}
