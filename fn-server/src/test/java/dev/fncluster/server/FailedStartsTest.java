package dev.fncluster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.node.EmbeddedNode;
import dev.fncluster.api.node.Node;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.lb.LbNode;
import dev.fncluster.runner.PureRunnerNode;
import dev.fncluster.runner.driver.ContainerDriver;
import dev.fncluster.runner.driver.ContainerExit;
import dev.fncluster.runner.driver.ContainerSpec;
import dev.fncluster.runner.driver.DriverContainer;
import dev.fncluster.runner.driver.PreparedImage;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that can't start leaves nothing behind in a program that goes on without it. */
final class FailedStartsTest {
  @TempDir private Path folder;

  /** What is looked at last: there is no listener for operators. */
  private void assertLeavesNothing(EmbeddedNode.Factory<Node> factory) throws Exception {
    assertThatThrownBy(() -> EmbeddedNode.start("test", settings(), factory))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_ADMIN_PORT is not set");
    // Some threads are told to end and not waited for.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(Thread.getAllStackTraces().keySet())
              .extracting(Thread::getName)
              .noneMatch(name -> name.startsWith("fn-"));
          assertThat(openFiles()).noneMatch(file -> file.startsWith(folder));
        });
  }

  private Map<String, String> settings() {
    return Map.of(
        "FN_PORT", "0",
        "FN_GRPC_PORT", "0",
        "FN_DB_URL", "sqlite3://" + folder.resolve("fn.db"),
        "FN_RUNNER_API_URL", "http://127.0.0.1:1",
        "FN_RUNNER_ADDRESSES", "127.0.0.1:1",
        "FN_IOFS_PATH", folder.toString());
  }

  private static TlsContexts ofOperators() throws IOException {
    return TlsContexts.none().with(TlsContexts.ADMIN_SERVER, SslContextBuilder.forClient().build());
  }

  private static List<Path> openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(Files::exists).map(FailedStartsTest::target).toList();
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      // Closed meanwhile.
      return link;
    }
  }

  @Test
  void aLoadBalancer() throws Exception {
    TlsContexts tls = ofOperators();
    assertLeavesNothing(context -> LbNode.builder(context).tls(tls).build());
  }

  @Test
  void anApiNode() throws Exception {
    TlsContexts tls = ofOperators();
    assertLeavesNothing(context -> ApiNode.builder(context).tls(tls).build());
  }

  @Test
  void aPureRunner() throws Exception {
    TlsContexts tls = ofOperators();
    assertLeavesNothing(context -> PureRunnerNode.builder(context).tls(tls).build());
  }

  @Test
  void aFullNode() throws Exception {
    TlsContexts tls = ofOperators();
    assertLeavesNothing(
        context -> FullNode.builder(context).tls(tls).driver(new CountingDriver()).build());
  }

  /** Which may have containers by then. */
  @Test
  void aRunnerWhoseSocketsCanNotBeMadeClosesItsDriver() throws IOException {
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("FN_IOFS_PATH", folder.resolve("none").toString());
    CountingDriver driver = new CountingDriver();
    assertThatThrownBy(() ->
            EmbeddedNode.start(
                "test",
                settings,
                context -> PureRunnerNode.builder(context).driver(driver).build()))
        .isInstanceOf(IOException.class);
    assertThat(driver.closed).hasValue(1);
  }

  private static final class CountingDriver implements ContainerDriver {
    private final AtomicInteger closed = new AtomicInteger();

    @Override
    public PreparedImage prepareImage(ContainerSpec spec, Duration pullTimeout) {
      return PreparedImage.pulledFor(Duration.ZERO);
    }

    @Override
    public DriverContainer create(ContainerSpec spec, Consumer<ContainerExit> onExit) {
      throw new IllegalStateException("nothing is to be created");
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }
}
