package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.model.Call;
import dev.fncluster.runner.EngineProxy.Fate;
import dev.fncluster.runner.cgroup.Cgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups whose names only the engine could tell, and does not. */
@Tag("docker")
final class DockerStrangeGroupsTest {
  @TempDir private Path root;

  @Test
  void aContainerServesAlsoIfTheEngineLeavesBeforeItTellsHowToFreezeIt() throws Exception {
    Path mounts = root.resolve("proc/self/mountinfo");
    Files.createDirectories(mounts.getParent());
    Files.writeString(mounts, "30 25 0:26 / /groups rw - cgroup2 cgroup2 rw\n");
    AtomicInteger asked = new AtomicInteger();
    try (EngineProxy engine = EngineProxy.overTcp(TestImage.engineSocket());
        DockerRig rig = new DockerRig("groups")) {
      engine.spoil(request -> {
        if (!request.matches("GET /\\S*/containers/[^/]+/json .*")) {
          return Fate.PASSED;
        }
        asked.incrementAndGet();
        try {
          engine.cut();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return Fate.UNANSWERED;
      });
      RunnerAgent agent =
          rig.agent(Map.of("DOCKER_HOST", engine.dockerHost()), 512, Cgroups.in(root));
      Call call = TestCalls.call("c", "echo");
      assertThat(rig.run(agent, call, "x").failure()).isNull();
      assertThat(asked).hasPositiveValue();
      rig.closeAndCheck(agent);
    }
  }
}
