package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Container;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.plugin.CallExtensions;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.runner.docker.Customizers;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.extension.CreateContainerCustomizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests for real containers, changed by others. */
@Tag("docker")
final class DockerCustomizersTest {
  private DockerRig rig;
  private @Nullable RunnerAgent agent;

  @BeforeEach
  void start() throws Exception {
    rig = new DockerRig("custom");
  }

  @AfterEach
  void stop() throws Exception {
    rig.closeAndCheck(Objects.requireNonNull(agent));
    rig.close();
  }

  private void agent(Duration limit, CreateContainerCustomizer... customizers) throws Exception {
    agent =
        rig.agent(
            CallExtensions.none(),
            new Customizers(List.of(customizers), new ExtensionRunner(limit)),
            512);
  }

  private TestCalls.Outcome run(String mode, Map<String, String> extensions) throws Exception {
    return TestCalls.run(
        Objects.requireNonNull(agent), rig.loop(), TestCalls.call("1", mode), "aa", extensions);
  }

  /** What becomes the environment, and keeps containers apart. */
  private static final class Cheese implements CreateContainerCustomizer {
    @Override
    public void customize(CreateContainerCmd command, ContainerSpec spec) {
      String cheese = spec.extensions().get("FN_CHEESE");
      if (cheese != null) {
        List<String> environment = new ArrayList<>(List.of(command.getEnv()));
        environment.add("FN_CHEESE=" + cheese);
        command.withEnv(environment);
      }
    }

    @Override
    public String slotKeyExtension(Map<String, String> extensions) {
      return extensions.getOrDefault("FN_CHEESE", "");
    }
  }

  @Test
  void anExtensionBecomesTheFunctionsEnvironment() throws Exception {
    agent(Duration.ofSeconds(60), new Cheese());
    assertThat(run("env", Map.of("FN_CHEESE", "Tete de Moine")).text())
        .contains("FN_CHEESE=Tete de Moine");
    assertThat(run("env", Map.of()).text()).doesNotContain("FN_CHEESE");
    assertThat(run("env", Map.of("FN_CHEESE", "Brie")).text()).contains("FN_CHEESE=Brie");
    assertThat(run("env", Map.of("FN_CHEESE", "Tete de Moine")).text())
        .contains("FN_CHEESE=Tete de Moine");
    assertThat(rig.containers()).hasSize(3);
  }

  @Test
  void labelsAreAddedToThoseOfTheRunner() throws Exception {
    agent(
        Duration.ofSeconds(60),
        (command, spec) -> command.withName("mine").withLabels(Map.of("mine", spec.fnId())));
    assertThat(run("echo", Map.of()).text()).isEqualTo("x");
    Container container = rig.containers().getFirst();
    assertThat(container.getLabels())
        .containsEntry("mine", "fn")
        .containsEntry("fn-agent-classifier", rig.tag());
    assertThat(container.getNames()).doesNotContain("/mine");
  }

  @Test
  void whatFailsOrHangsMakesNoContainer() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    agent(
        Duration.ofSeconds(2),
        (command, spec) -> {
          switch (Objects.requireNonNullElse(spec.extensions().get("do"), "")) {
            case "refuse" -> throw new ServiceException(418, "no");
            case "throw" -> throw new IllegalStateException("secret");
            case "hang" -> never.await();
            default -> {}
          }
        });
    assertFailure(run("echo", Map.of("do", "refuse")), 418, "no");
    assertFailure(run("echo", Map.of("do", "throw")), 500, "an extension of this server failed");
    assertFailure(run("echo", Map.of("do", "hang")), 500, "an extension of this server failed");
    assertThat(rig.containers()).isEmpty();
    assertThat(run("echo", Map.of()).text()).isEqualTo("x");
  }

  private static void assertFailure(TestCalls.Outcome outcome, int code, String text) {
    assertThat(outcome.failure())
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.publicMessage()).isEqualTo(text);
            });
  }
}
