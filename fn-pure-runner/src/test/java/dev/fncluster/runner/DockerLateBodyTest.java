package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.call.CallContext;
import dev.fncluster.api.error.FnException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is left of a call that ended in the middle of its body. */
@Tag("docker")
final class DockerLateBodyTest {
  @Test
  void theNextCallSeesNothingOfABodyThatBrokeOff() throws Exception {
    try (DockerRig rig = new DockerRig("late-body-test")) {
      RunnerAgent agent = rig.agent(Map.of(), 512);
      assertThat(rig.run(agent, TestCalls.call("c0", "echo"), "warm").text()).isEqualTo("warm");

      TestCalls.Outcome late =
          TestCalls.start(
                  agent,
                  rig.loop(),
                  TestCalls.call("c1", "echo").timeout(1),
                  new OpenBody("YODAWG", 10),
                  CallContext.create())
              .get(60, TimeUnit.SECONDS);
      assertThat(late.failure()).isInstanceOf(FnException.class).hasMessage("Timed out");
      assertThat(late.body()).isEmpty();

      for (int i = 0; i < 2; i++) {
        TestCalls.Outcome next = rig.run(agent, TestCalls.call("c2", "echo"), "NODAWG");
        assertThat(next.failure()).isNull();
        assertThat(next.text()).isEqualTo("NODAWG");
      }
      rig.closeAndCheck(agent);
    }
  }

  /** As one that the kernel kills because it takes too much memory. */
  @Test
  void aFunctionThatDiesWhileItsBodyComesHasNotClosedItsEnd() throws Exception {
    try (DockerRig rig = new DockerRig("late-body-test")) {
      RunnerAgent agent = rig.agent(Map.of(), 512);
      TestCalls.Outcome died =
          TestCalls.start(
                  agent,
                  rig.loop(),
                  TestCalls.call("c1", "exitearly:137").timeout(60),
                  new OpenBody("YODAWG", 10),
                  CallContext.create())
              .get(60, TimeUnit.SECONDS);
      assertThat(died.failure())
          .isInstanceOf(FnException.class)
          .hasMessage("error receiving function response");
      rig.closeAndCheck(agent);
    }
  }
}
