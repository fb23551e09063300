package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.fncluster.api.model.Call;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Images on an engine that nobody else uses: what is asked about them, and which are removed. */
@Tag("docker")
final class DockerImagesTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int SIZE = 1024 * 1024;

  private static OwnEngine engine;
  private static DockerRig rig;

  @BeforeAll
  static void start() throws Exception {
    engine = OwnEngine.start();
    rig = new DockerRig("images", engine.client());
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
    engine.close();
  }

  private static RunnerAgent agent(String... more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("DOCKER_HOST", engine.host());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return rig.agent(settings, 512);
  }

  private static void build(String name, long seed) throws Exception {
    Path folder = Files.createTempDirectory("image");
    byte[] content = new byte[SIZE];
    new Random(seed).nextBytes(content);
    Path file = Files.write(folder.resolve("content"), content);
    Path recipe = Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nCOPY content /\n");
    engine
        .client()
        .buildImageCmd(folder.toFile())
        .withTags(Set.of(name))
        .exec(new BuildImageResultCallback())
        .awaitImageId(60, TimeUnit.SECONDS);
    Files.delete(file);
    Files.delete(recipe);
    Files.delete(folder);
  }

  private static boolean exists(String image) {
    try {
      engine.client().inspectImageCmd(image).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private static long inspections() {
    return rig
        .meters()
        .find("fn_docker_api_latency")
        .tag("api_name", "docker_inspect_image")
        .summaries()
        .stream()
        .mapToLong(each -> each.count())
        .sum();
  }

  private static void run(RunnerAgent agent, String fn) throws Exception {
    Call call = TestCalls.call("c-" + fn, "echo").fnId(fn);
    assertThat(rig.run(agent, call, "x").failure()).as(fn).isNull();
  }

  @Test
  void engineIsAskedAgainOnlyWhenSomethingHappened() throws Exception {
    RunnerAgent agent = agent();
    run(agent, "first");
    run(agent, "second");
    run(agent, "third");
    assertThat(inspections()).isEqualTo(1);

    engine.client().tagImageCmd(TestImage.NAME, "another/name", "1").exec();
    await()
        .atMost(LIMIT)
        .until(() ->
            rig.meters().find("fn_docker_events").tag("event_action", "tag").counter() != null);
    run(agent, "fourth");
    assertThat(inspections()).isEqualTo(2);
    rig.closeAndCheck(agent);
    engine.client().removeImageCmd("another/name:1").exec();
  }

  @Test
  void unusedImagesAreRemovedAndThoseOfOthersLeftInPeace() throws Exception {
    for (String each : new String[] {"plain", "used", "named-twice", "used-twice"}) {
      build("clean/" + each + ":1", each.hashCode());
    }
    engine.client().tagImageCmd("clean/named-twice:1", "clean/second-name", "1").exec();
    engine.client().tagImageCmd("clean/used-twice:1", "clean/used-second", "1").exec();
    String one = engine.client().createContainerCmd("clean/used:1").withCmd("x").exec().getId();
    String two =
        engine.client().createContainerCmd("clean/used-twice:1").withCmd("x").exec().getId();

    RunnerAgent agent =
        agent(
            "FN_IMAGE_CLEAN_MAX_SIZE",
            Integer.toString(SIZE),
            "FN_IMAGE_CLEAN_EXEMPT_TAGS",
            TestImage.NAME);
    await()
        .atMost(LIMIT)
        .until(() ->
            rig.count("fn_image_cleaner_refused") == 2
                && !exists("clean/plain:1")
                && !exists("clean/named-twice:1")
                && !exists("clean/second-name:1"));
    assertThat(exists("clean/used:1")).isTrue();
    assertThat(exists("clean/used-twice:1")).isTrue();
    assertThat(exists("clean/used-second:1")).isTrue();
    run(agent, "exempt");

    engine.client().removeContainerCmd(one).exec();
    engine.client().removeContainerCmd(two).exec();
    await().atMost(LIMIT).until(() -> !exists("clean/used:1") && !exists("clean/used-twice:1"));
    assertThat(rig.count("fn_image_cleaner_refused")).isEqualTo(2);
    assertThat(exists(TestImage.NAME)).isTrue();
    rig.closeAndCheck(agent);
  }

  @Test
  void imageOfAContainerOfOursStaysHoweverOldItIs() throws Exception {
    Long size = engine.client().inspectImageCmd(TestImage.NAME).exec().getSize();
    RunnerAgent agent = agent("FN_IMAGE_CLEAN_MAX_SIZE", Long.toString(size + SIZE / 2));
    run(agent, "older");
    build("clean/newer:1", 1);
    Call call = TestCalls.call("c1", "echo").fnId("newer").image("clean/newer:1");
    assertThat(rig.run(agent, call, "x").failure()).as("it has no program").isNotNull();
    await().atMost(LIMIT).until(() -> !exists("clean/newer:1"));
    assertThat(exists(TestImage.NAME)).isTrue();
    run(agent, "older");
    rig.closeAndCheck(agent);
  }
}
