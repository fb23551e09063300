package dev.fncluster.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.model.Call;
import dev.fncluster.runner.ScriptedRegistry.Answer;
import dev.fncluster.runner.cgroup.Cgroups;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.ForwardingDriver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Functions whose images come from a registry that is real and protected. */
@Tag("docker")
final class DockerRegistryTest {
  private static final String PATH = "/private/fn:1";
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  private static DockerRig rig;
  private static TestRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    rig = new DockerRig("registry");
    registry = TestRegistry.start();
    rig.docker().tagImageCmd(TestImage.NAME, registry.host() + "/private/fn", "1").exec();
    rig.docker()
        .pushImageCmd(registry.host() + PATH)
        .withAuthConfig(
            new AuthConfig()
                .withRegistryAddress("http://" + registry.host())
                .withUsername(TestRegistry.USER)
                .withPassword(TestRegistry.PASSWORD))
        .start()
        .awaitCompletion(60, TimeUnit.SECONDS);
  }

  @AfterAll
  static void stop() throws Exception {
    registry.close();
    rig.close();
  }

  private static TestCalls.Outcome call(@Nullable String auth, String image) throws Exception {
    return callWith(
        auth == null
            ? Map.of("HOME", "/nonexistent", "DOCKER_CONFIG", "/nonexistent")
            : Map.of("FN_DOCKER_AUTH", auth),
        image);
  }

  private static TestCalls.Outcome callWith(Map<String, String> settings, String image)
      throws Exception {
    RunnerAgent agent = rig.agent(settings, 256);
    try {
      Call call = TestCalls.call("c1", "echo").image(image);
      return rig.run(agent, call, "hello");
    } finally {
      rig.closeAndCheck(agent);
    }
  }

  private static FnException refusal(@Nullable String auth, String image) throws Exception {
    return Objects.requireNonNull((FnException) call(auth, image).failure());
  }

  private static FnException refusalWith(Map<String, String> settings, String image)
      throws Exception {
    return Objects.requireNonNull((FnException) callWith(settings, image).failure());
  }

  private static void forget(String image) {
    try {
      rig.docker().removeImageCmd(image).exec();
    } catch (NotFoundException e) {
      // Another test has removed it.
    }
  }

  @Test
  void pullsWithTheCredentialsOfTheRegistry() throws Exception {
    String image = registry.host() + PATH;
    forget(image);
    TestCalls.Outcome outcome =
        call(registry.configuration(TestRegistry.PASSWORD), registry.host() + PATH);
    assertThat(outcome.failure()).isNull();
    assertThat(outcome.text()).isEqualTo("hello");
    assertThat(outcome.call().timings().imagePullWaitNanos()).isPositive();

    forget(image);
    for (String auth : new String[] {null, registry.configuration("wrong")}) {
      FnException failure = refusal(auth, image);
      assertThat(failure.getMessage())
          .startsWith("Failed to pull image '" + image + "': ")
          .doesNotContain("wrong");
      assertThat(failure.code()).isBetween(400, 502);
    }
    FnException missing =
        refusal(
            registry.configuration(TestRegistry.PASSWORD), registry.host() + "/private/fn:none");
    assertThat(missing.code()).isEqualTo(404);
    assertThat(missing.getMessage()).contains("manifest unknown");
  }

  @Test
  void imageThatGoesBeforeAContainerIsMadeIsPulledAgain() throws Exception {
    String image = registry.host() + PATH;
    AtomicInteger removals = new AtomicInteger(1);
    RunnerAgent agent =
        rig.agent(
            Map.of("FN_DOCKER_AUTH", registry.configuration(TestRegistry.PASSWORD)),
            256,
            Cgroups.in(Path.of("/")),
            null,
            driver ->
                new ForwardingDriver(driver) {
                  @Override
                  public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit)
                      throws InterruptedException {
                    if (removals.getAndDecrement() > 0) {
                      forget(image);
                    }
                    return super.create(spec, onExit);
                  }
                });
    try {
      TestCalls.Outcome once = rig.run(agent, TestCalls.call("c1", "echo").image(image), "hello");
      assertThat(once.failure()).isNull();
      assertThat(once.text()).isEqualTo("hello");
      assertThat(once.call().timings().imagePullWaitNanos()).isPositive();

      removals.set(2);
      Call call = TestCalls.call("c2", "echo").fnId("other").image(image);
      FnException failure =
          Objects.requireNonNull((FnException) rig.run(agent, call, "hello").failure());
      assertThat(failure.code()).as("another runner may have it").isEqualTo(503);
      assertThat(removals).hasValue(0);
    } finally {
      rig.closeAndCheck(agent);
    }
  }

  @Test
  void aRegistryWithTooMuchToDoIsAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedRegistry busy =
        new ScriptedRegistry((method, path) -> {
          if (!path.contains("/manifests/")) {
            return new Answer(200, "{}");
          }
          // The engine may look with HEAD before it asks with GET, whose answer it reports.
          boolean first = method.equals("GET") ? asked.incrementAndGet() == 1 : asked.get() == 0;
          return first
              ? new Answer(429, error("TOOMANYREQUESTS", "come back later"))
              : new Answer(404, error("MANIFEST_UNKNOWN", "manifest unknown"));
        })) {
      FnException failure = refusal(null, busy.host() + "/some/fn:1");
      assertThat(failure).hasMessageEndingWith("manifest unknown");
      assertThat(asked.get()).as("requests of the engine").isGreaterThanOrEqualTo(2);
    }
  }

  /** The contract's case: each of its pages is refused once, and the last is not what it should. */
  @Test
  void everyPageOfAnImageMayComeWithTheNextTry() throws Exception {
    Map<String, Answer> pages = new HashMap<>();
    String layer = digest("the layer as it should be".getBytes(StandardCharsets.UTF_8));
    pages.put("/v2/some/fn/blobs/" + layer, binary("another one"));
    Page config =
        page(
            pages,
            "/v2/some/fn/blobs/",
            CONFIG,
            """
            {"architecture": "amd64", "os": "linux", "config": {},
             "rootfs": {"type": "layers", "diff_ids": ["%s"]}}\
            """
                .formatted(layer));
    Page manifest =
        page(
            pages,
            "/v2/some/fn/manifests/",
            MANIFEST,
            """
            {"schemaVersion": 2, "mediaType": "%s",
             "config": {"mediaType": "%s", "size": %d, "digest": "%s"},
             "layers": [{"mediaType": "%s", "size": 11, "digest": "%s"}]}\
            """
                .formatted(MANIFEST, CONFIG, config.size(), config.digest(), LAYER, layer));
    Page list =
        page(
            pages,
            "/v2/some/fn/manifests/",
            LIST,
            """
            {"schemaVersion": 2, "mediaType": "%s",
             "manifests": [{"mediaType": "%s", "size": %d, "digest": "%s",
                            "platform": {"architecture": "amd64", "os": "linux"}}]}\
            """
                .formatted(LIST, MANIFEST, manifest.size(), manifest.digest()));
    pages.put(
        "/v2/some/fn/manifests/1",
        Objects.requireNonNull(pages.get("/v2/some/fn/manifests/" + list.digest())));
    Set<String> refused = ConcurrentHashMap.newKeySet();
    try (ScriptedRegistry busy =
        new ScriptedRegistry((method, path) -> {
          Answer page = pages.get(path);
          if (page == null) {
            return path.equals("/v2/")
                ? new Answer(200, "{}")
                : new Answer(404, error("UNKNOWN", "there is no " + path));
          }
          return refused.add(method + " " + path)
              ? new Answer(429, error("TOOMANYREQUESTS", "come back later"))
              : page;
        })) {
      FnException failure =
          refusalWith(
              Map.of(
                  "HOME", "/nonexistent",
                  "DOCKER_CONFIG", "/nonexistent",
                  "FN_IMAGE_PULL_RETRIES", "5"),
              busy.host() + "/some/fn:1");
      assertThat(failure.getMessage()).contains("filesystem layer verification failed");
      assertThat(refused)
          .as("what was refused once")
          .containsAll(pages.keySet().stream().map(path -> "GET " + path).toList());
    }
  }

  private static Answer binary(String text) {
    return new Answer(200, "application/octet-stream", text.getBytes(StandardCharsets.UTF_8));
  }

  private record Page(String digest, int size) {}

  /** Adds a page at its digest. */
  private static Page page(Map<String, Answer> pages, String folder, String type, String text)
      throws GeneralSecurityException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    Page page = new Page(digest(body), body.length);
    pages.put(folder + page.digest(), new Answer(200, type, body));
    return page;
  }

  private static String digest(byte[] bytes) throws GeneralSecurityException {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static String error(String code, String message) {
    return "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}";
  }
}
