package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Load balancers and runners, each a process of its own, that show certificates to each other. */
@Tag("docker")
final class MutualTlsTest {
  private static final Duration BOUND = Duration.ofSeconds(90);

  @TempDir Path folder;

  private Map<String, String> settings(String prefix, String name, String allowed) {
    Map<String, String> settings = new HashMap<>();
    settings.put(prefix + "_CERT_PATH", folder.resolve(name + ".pem").toString());
    settings.put(prefix + "_KEY_PATH", folder.resolve(name + ".key").toString());
    settings.put(prefix + "_CA_PATH", folder.resolve("ca.pem").toString());
    settings.put(prefix + "_ALLOWED_NAMES", allowed);
    return settings;
  }

  private void issue(String name, X509Bundle authority) throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=" + name)
            .ecp256()
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    Files.writeString(folder.resolve(name + ".pem"), own.getCertificatePathPEM());
    Files.writeString(folder.resolve(name + ".key"), own.getPrivateKeyPEM());
  }

  @Test
  void onlyThoseWithAnAllowedNameAreServed() throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .subject("CN=Authority")
            .ecp256()
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    for (String name : new String[] {"lb", "runner", "stranger"}) {
      issue(name, authority);
    }
    Map<String, String> balancer = settings("FN_RUNNER_TLS", "lb", "runner");
    try (Cluster cluster = Cluster.start(balancer, settings("FN_GRPC_TLS", "runner", "lb"))) {
      FnClient.CreatedFn fn = cluster.client().createEcho();
      HttpResponse<String> answer = cluster.client().invoke(fn, "among friends");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("among friends");

      String runners =
          cluster.runners().stream()
              .map(runner -> "127.0.0.1:" + runner.grpcPort())
              .collect(Collectors.joining(","));
      Map<String, String> wrongName = settings("FN_RUNNER_TLS", "stranger", "runner");
      assertRefused(cluster, fn, cluster.addLoadBalancer("lb-stranger", runners, hasty(wrongName)));
      Map<String, String> choosy = settings("FN_RUNNER_TLS", "lb", "another-runner");
      assertRefused(cluster, fn, cluster.addLoadBalancer("lb-choosy", runners, hasty(choosy)));
      assertRefused(cluster, fn, cluster.addLoadBalancer("lb-plain", runners, hasty(Map.of())));

      answer = cluster.client().invoke(fn, "still friends");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  private static Map<String, String> hasty(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("FN_PLACER_TIMEOUT_MSECS", "1000");
    return all;
  }

  private static void assertRefused(Cluster cluster, FnClient.CreatedFn fn, NodeProcess balancer) {
    FnClient client = cluster.client().callingAt(balancer);
    HttpResponse<String> answer = client.invoke(fn, "let me in");
    assertThat(answer.statusCode()).as(balancer.name() + ": " + answer.body()).isEqualTo(503);
    await()
        .atMost(BOUND)
        .untilAsserted(
            () -> assertThat(client.metric(balancer, "lb_placer_retry_error_count")).isPositive());
    balancer.close();
  }
}
