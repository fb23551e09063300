package dev.fncluster.api.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.stats.MetricNames;
import dev.fncluster.stats.Metrics;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(180)
final class NodeHttpTlsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int SOCKET_MILLIS = 60_000;
  private static final String CERTIFICATE_END = "fn_tls_certificate_not_after_seconds";

  @TempDir private Path folder;
  private final EventLoops loops = EventLoops.create(1, "test-loop");
  private final Metrics metrics = Metrics.create(MetricNames.PROMETHEUS, "1");
  private X509Bundle authority = authority();
  private X509Bundle own = issue("localhost", authority);
  private @Nullable NodeHttp http;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    write(own, own);
  }

  @AfterEach
  void end() throws InterruptedException {
    NodeHttp started = http;
    if (started != null) {
      started.close(Duration.ZERO);
      started.closeAdmin(Duration.ZERO);
    }
    loops.close();
    metrics.close();
  }

  private static X509Bundle authority() {
    return make(builder("Authority").setIsCertificateAuthority(true), null);
  }

  private static X509Bundle issue(String name, X509Bundle issuer) {
    return make(builder(name).addSanDnsName(name), issuer);
  }

  private static CertificateBuilder builder(String name) {
    return new CertificateBuilder().subject("CN=" + name).ecp256();
  }

  private static X509Bundle make(CertificateBuilder builder, @Nullable X509Bundle issuer) {
    try {
      return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void write(X509Bundle certificate, X509Bundle key) throws IOException {
    replace("cert.pem", certificate.getCertificatePathPEM());
    replace("key.pem", key.getPrivateKeyPEM());
  }

  private void replace(String name, String text) throws IOException {
    Path next = Files.writeString(folder.resolve(name + ".next"), text);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("FN_PORT", "0");
    settings.put("FN_WEB_TLS_CERT_PATH", folder.resolve("cert.pem").toString());
    settings.put("FN_WEB_TLS_KEY_PATH", folder.resolve("key.pem").toString());
    return settings;
  }

  private NodeHttp start(Map<String, String> values) throws Exception {
    return start(values, TlsContexts.none());
  }

  private NodeHttp start(Map<String, String> values, TlsContexts brought) throws Exception {
    Settings settings = Settings.of(values);
    NodeHttp started =
        NodeHttp.builder(
                new NodeContext(settings, new BuildInfo("1"), metrics),
                loops,
                ListenSettings.from(settings))
            .tls(brought)
            .tlsPeriod(Duration.ofMillis(20))
            .build();
    http = started;
    started.start();
    return started;
  }

  private SSLContext client(@Nullable X509Bundle with) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyManager[] keys =
        with == null ? new KeyManager[0] : with.toKeyManagerFactory().getKeyManagers();
    context.init(keys, authority.toTrustManagerFactory().getTrustManagers(), null);
    return context;
  }

  private SSLSocket connect(int port, @Nullable X509Bundle with) throws Exception {
    SSLSocket socket = (SSLSocket) client(with).getSocketFactory().createSocket("localhost", port);
    socket.setSoTimeout(SOCKET_MILLIS);
    return socket;
  }

  private static String get(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII), 1);
    String status = lines.readLine();
    if (status == null) {
      throw new IOException("the server closed");
    }
    int length = 0;
    for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
    }
    for (int i = 0; i < length; i++) {
      assertThat(lines.read()).isPositive();
    }
    return status;
  }

  private Certificate shown(NodeHttp server) throws Exception {
    try (SSLSocket socket = connect(server.port(), null)) {
      assertThat(get(socket)).startsWith("HTTP/1.1 200");
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void servesBothProtocolsOnBothListeners(HttpClient.Version version) throws Exception {
    Map<String, String> settings = settings();
    settings.put("FN_ADMIN_PORT", "0");
    settings.put("FN_ADMIN_TLS_CERT_PATH", folder.resolve("cert.pem").toString());
    settings.put("FN_ADMIN_TLS_KEY_PATH", folder.resolve("key.pem").toString());
    NodeHttp server = start(settings);

    try (HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(client(null)).build()) {
      for (int port : new int[] {server.port(), server.adminPort()}) {
        var answer =
            client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/")).build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(version);
      }
    }
  }

  @Test
  void newFilesAreForNewConnections() throws Exception {
    NodeHttp server = start(settings());
    try (SSLSocket open = connect(server.port(), null)) {
      assertThat(get(open)).startsWith("HTTP/1.1 200");
      X509Bundle next = issue("localhost", authority);

      write(next, next);

      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(shown(server)).isEqualTo(next.getCertificate()));
      assertThat(get(open)).as("on the connection from before").startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void tellsWhenCertificatesEndAlsoThoseThatWereRenewed() throws Exception {
    Map<String, String> settings = settings();
    settings.put("FN_ADMIN_PORT", "0");
    NodeHttp server = start(settings);
    assertThat(end("web")).isEqualTo(own.getCertificate().getNotAfter().toInstant());
    assertThat(metrics.views().meters().find(CERTIFICATE_END).gauges()).hasSize(1);
    Instant later = Instant.now().plus(Duration.ofDays(9)).truncatedTo(ChronoUnit.SECONDS);
    X509Bundle next =
        make(builder("localhost").addSanDnsName("localhost").notAfter(later), authority);

    write(next, next);

    await().atMost(BOUND).untilAsserted(() -> assertThat(end("web")).isEqualTo(later));
    assertThat(shown(server)).isEqualTo(next.getCertificate());
  }

  private Instant end(String use) {
    return Instant.ofEpochSecond(
        (long) metrics.views().meters().get(CERTIFICATE_END).tag("use", use).gauge().value());
  }

  /** Certificate and key are replaced one after the other, and somebody may write nonsense. */
  @Test
  void filesThatDoNotFitChangeNothing() throws Exception {
    NodeHttp server = start(settings());
    X509Bundle next = issue("localhost", authority);

    write(next, own);
    settle(server);
    assertThat(shown(server)).isEqualTo(own.getCertificate());

    replace("cert.pem", "nonsense");
    settle(server);
    Files.delete(folder.resolve("key.pem"));
    settle(server);
    assertThat(shown(server)).isEqualTo(own.getCertificate());

    write(next, next);
    await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(shown(server)).isEqualTo(next.getCertificate()));
  }

  // Some connections, during which the files are looked at several times.
  private void settle(NodeHttp server) throws Exception {
    for (int i = 0; i < 10; i++) {
      shown(server);
    }
  }

  @Test
  void clientsMayHaveToShowACertificate() throws Exception {
    Map<String, String> settings = settings();
    settings.put("FN_WEB_TLS_CA_PATH", folder.resolve("ca.pem").toString());
    NodeHttp server = start(settings);

    try (SSLSocket known = connect(server.port(), issue("client", authority))) {
      assertThat(get(known)).startsWith("HTTP/1.1 200");
    }
    for (X509Bundle with : new X509Bundle[] {null, issue("client", authority())}) {
      try (SSLSocket unknown = connect(server.port(), with)) {
        assertThatThrownBy(() -> get(unknown)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void plainRequestsAreNotServed() throws Exception {
    NodeHttp server = start(settings());
    try (var client = dev.fncluster.api.http.RawClient.connect(server.port())) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "missing.pem, key.pem, NoSuchFileException",
    "key.pem, key.pem, no certificate",
    "cert.pem, cert.pem, no private key",
    "ca.pem, key.pem, is not the key of"
  })
  void saysAtTheStartWhatIsWrong(String certificate, String key, String message) {
    Map<String, String> settings = settings();
    settings.put("FN_WEB_TLS_CERT_PATH", folder.resolve(certificate).toString());
    settings.put("FN_WEB_TLS_KEY_PATH", folder.resolve(key).toString());

    assertThatThrownBy(() -> start(settings))
        .isInstanceOf(NodeStartException.class)
        .hasMessageContaining(certificate)
        .hasMessageContaining(message);
  }

  @Test
  void halfOfTheSettingsIsWrong() {
    Map<String, String> settings = settings();
    settings.remove("FN_WEB_TLS_KEY_PATH");
    assertThatThrownBy(() -> ListenSettings.from(Settings.of(settings)))
        .isInstanceOf(SettingException.class)
        .hasMessageStartingWith("FN_WEB_TLS_KEY_PATH is missing");

    Map<String, String> admin = Map.of("FN_ADMIN_TLS_CERT_PATH", "c", "FN_ADMIN_TLS_KEY_PATH", "k");
    assertThatThrownBy(() -> ListenSettings.from(Settings.of(admin)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_ADMIN_PORT");
  }

  @Test
  void programsMayBringContextsThatChange() throws Exception {
    AtomicReference<SslContext> current = new AtomicReference<>(context(own));
    NodeHttp server =
        start(
            Map.of("FN_PORT", "0", "FN_ADMIN_PORT", "0"),
            TlsContexts.none()
                .with(TlsContexts.WEB_SERVER, current::get)
                .with(TlsContexts.ADMIN_SERVER, context(own)));

    assertThat(shown(server)).isEqualTo(own.getCertificate());
    try (SSLSocket operator = connect(server.adminPort(), null)) {
      assertThat(get(operator)).startsWith("HTTP/1.1 200");
    }

    X509Bundle next = issue("localhost", authority);
    current.set(context(next));
    assertThat(shown(server)).isEqualTo(next.getCertificate());
  }

  private static SslContext context(X509Bundle of) throws Exception {
    return TlsContexts.forListener(SslContextBuilder.forServer(of.toKeyManagerFactory())).build();
  }

  @Test
  void filesAndBroughtContextsForTheSameListenerAreRefused() throws Exception {
    SslContext context = context(own);
    assertThatThrownBy(
            () -> start(settings(), TlsContexts.none().with(TlsContexts.WEB_SERVER, context)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_WEB_TLS_");
    assertThatThrownBy(() ->
            start(
                Map.of("FN_PORT", "0"), TlsContexts.none().with(TlsContexts.ADMIN_SERVER, context)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("FN_ADMIN_PORT");
  }
}
