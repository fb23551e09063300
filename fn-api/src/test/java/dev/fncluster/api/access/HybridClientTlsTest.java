package dev.fncluster.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** API nodes whose certificates come from an authority of the operator's own. */
@Timeout(180)
class HybridClientTlsTest {
  @TempDir Path folder;

  @Test
  void trustsTheAuthorityThatIsSetAndNoOther() throws Exception {
    X509Bundle authority = authority();
    HttpsServer server = serve(authority);
    try {
      String url = "https://127.0.0.1:" + server.getAddress().getPort();
      try (HybridClient client = client(url, authority)) {
        assertThat(client.appIdByName("a")).isEqualTo("01");
      }
      try (HybridClient client = client(url, authority())) {
        assertThatThrownBy(() -> client.appIdByName("a"))
            .isInstanceOfSatisfying(
                ServiceException.class, error -> assertThat(error.code()).isEqualTo(503));
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void fileThatHoldsNoCertificateIsNamed() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    for (Path file : new Path[] {empty, folder.resolve("missing.pem")}) {
      assertThatThrownBy(() -> settings("https://127.0.0.1:1", file))
          .isInstanceOf(SettingException.class)
          .hasMessageContaining("FN_RUNNER_API_CA_PATH")
          .hasMessageContaining(file.toString());
    }
  }

  private HybridClient client(String url, X509Bundle authority) throws Exception {
    Path file = Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    return new HybridClient(settings(url, file));
  }

  private static AccessSettings settings(String url, Path authorities) {
    return AccessSettings.from(
        Settings.of(
            Map.of("FN_RUNNER_API_URL", url, "FN_RUNNER_API_CA_PATH", authorities.toString())));
  }

  private static X509Bundle authority() throws Exception {
    return new CertificateBuilder()
        .subject("CN=Authority")
        .ecp256()
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static HttpsServer serve(X509Bundle authority) throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=api")
            .ecp256()
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.toKeyManagerFactory().getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/v2/apps",
        exchange -> {
          byte[] body =
              "{\"items\":[{\"id\":\"01\",\"name\":\"a\"}]}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }
}
