package dev.fncluster.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.node.BuildInfo;
import dev.fncluster.api.node.NodeContext;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.RunnerCall;
import dev.fncluster.runnerpool.RunnerList;
import dev.fncluster.runnerpool.RunnerPool;
import dev.fncluster.runnerpool.fake.FakePool;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a load balancer makes of parts that can't be had or don't fit together. */
@Timeout(180)
class LbNodeTest {
  @TempDir Path folder;

  private LbNode.Builder builder(Map<String, String> settings, Metrics metrics) {
    return LbNode.builder(new NodeContext(Settings.of(settings), new BuildInfo("1"), metrics));
  }

  private Map<String, String> encrypted(String... more) throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=lb")
            .ecp256()
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("lb.pem"), own.getCertificatePathPEM());
    Files.writeString(folder.resolve("lb.key"), own.getPrivateKeyPEM());
    Map<String, String> settings = new HashMap<>();
    settings.put("FN_PORT", "0");
    settings.put("FN_RUNNER_API_URL", "http://127.0.0.1:1");
    settings.put("FN_RUNNER_TLS_CERT_PATH", folder.resolve("lb.pem").toString());
    settings.put("FN_RUNNER_TLS_KEY_PATH", folder.resolve("lb.key").toString());
    settings.put("FN_RUNNER_TLS_CA_PATH", folder.resolve("lb.pem").toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  @Test
  void isReadyOnceItsPoolSaysSo() throws Exception {
    AtomicBoolean empty = new AtomicBoolean(true);
    RunnerPool pool =
        new RunnerPool() {
          @Override
          public RunnerList runners(RunnerCall call) {
            return RunnerList.of(List.of());
          }

          @Override
          public @Nullable String obstacle() {
            return empty.get() ? "the pool has no runners" : null;
          }

          @Override
          public void shutdown(Duration grace) {}
        };
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1")) {
      LbNode node =
          builder(Map.of("FN_PORT", "0", "FN_RUNNER_API_URL", "http://127.0.0.1:1"), metrics)
              .pool(pool)
              .build();
      try {
        node.start();
        HttpResponse<String> refused = ready(node);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("not ready: the pool has no runners");
        empty.set(false);
        assertThat(ready(node).statusCode()).isEqualTo(200);
      } finally {
        node.stop(Duration.ZERO);
      }
    }
  }

  @Test
  void whoKnowsItsFunctionsNeedsNoApiNode() throws Exception {
    ReadDataAccess nobody =
        new ReadDataAccess() {
          @Override
          public String appIdByName(String name) {
            throw new ServiceException(404, "no app");
          }

          @Override
          public App app(String id) {
            throw new ServiceException(404, "no app");
          }

          @Override
          public Fn fn(String id) {
            throw new ServiceException(404, "no fn " + id);
          }

          @Override
          public Trigger triggerBySource(String appId, String type, String source) {
            throw new ServiceException(404, "no trigger");
          }
        };
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1")) {
      LbNode node =
          builder(Map.of("FN_PORT", "0"), metrics)
              .pool(FakePool.of())
              .readDataAccess(nobody)
              .build();
      try {
        node.start();
        assertThat(send(node, "POST", "/invoke/f").body()).isEqualTo("{\"message\":\"no fn f\"}\n");
      } finally {
        node.stop(Duration.ZERO);
      }
    }
  }

  private static HttpResponse<String> ready(LbNode node) throws Exception {
    return send(node, "GET", "/health/ready");
  }

  private static HttpResponse<String> send(LbNode node, String method, String path)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void nothingIsLeftRunningWhenTheListOfRunnersCannotBeRead() throws Exception {
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1")) {
      Map<String, String> settings =
          encrypted(
              "FN_RUNNER_POOL", "file", "FN_RUNNER_LIST_PATH", folder.resolve("none").toString());

      assertThatThrownBy(() -> builder(settings, metrics).build())
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("FN_RUNNER_LIST_PATH");

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(threads()).doesNotContain("\"tls-files\"").doesNotContain("fn-lb-loop"));
    }
  }

  // Virtual threads are in no other list.
  private String threads() throws Exception {
    Path dump = folder.resolve("threads-" + System.nanoTime() + ".json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
    return Files.readString(dump);
  }

  @Test
  void tlsTowardsRunnersComesFromOnePlaceOnly() throws Exception {
    try (Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1")) {
      Map<String, String> settings = encrypted("FN_RUNNER_ADDRESSES", "127.0.0.1:1");
      assertThatThrownBy(() ->
              builder(settings, metrics)
                  .runnerTls(() -> {
                    throw new AssertionError("asked");
                  })
                  .build())
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("FN_RUNNER_TLS_");
      assertThatThrownBy(() ->
              builder(settings, metrics)
                  .pool(FakePool.of())
                  .runnerTls(() -> {
                    throw new AssertionError("asked");
                  })
                  .build())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("pool of one's own");
    }
  }
}
