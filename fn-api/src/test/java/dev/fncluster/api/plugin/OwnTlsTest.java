package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.TlsContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS under keys that an extension has thought of. */
@Timeout(180)
final class OwnTlsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int MOST_STEPS = 1000;

  @TempDir private Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private X509Bundle authority = new CertificateBuilderOf("Authority").authority();

  /** Certificates without the exceptions that making them declares. */
  private record CertificateBuilderOf(String name) {
    private CertificateBuilder builder() {
      return new CertificateBuilder().subject("CN=" + name).ecp256().addSanDnsName(name);
    }

    X509Bundle authority() {
      try {
        return builder().setIsCertificateAuthority(true).buildSelfSigned();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    X509Bundle issuedBy(X509Bundle issuer) {
      try {
        return builder().buildIssuedBy(issuer);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @BeforeEach
  void write() throws IOException {
    replace("ca.pem", authority.getCertificatePEM());
    for (String each : new String[] {"door", "visitor"}) {
      write(each, new CertificateBuilderOf(each).issuedBy(authority));
      String key = each.toUpperCase(java.util.Locale.ROOT) + "_TLS";
      settings.put(key + "_CERT_PATH", folder.resolve(each + ".pem").toString());
      settings.put(key + "_KEY_PATH", folder.resolve(each + "-key.pem").toString());
      settings.put(key + "_CA_PATH", folder.resolve("ca.pem").toString());
    }
  }

  private void write(String name, X509Bundle own) throws IOException {
    replace(name + ".pem", own.getCertificatePathPEM());
    replace(name + "-key.pem", own.getPrivateKeyPEM());
  }

  private void replace(String name, String text) throws IOException {
    Path next = Files.writeString(folder.resolve(name + ".next"), text);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private OwnTls open(TlsContexts brought) {
    return new OwnTls(Settings.of(settings), brought, Duration.ofMillis(20));
  }

  /** The certificate that a server shows to a client who expects {@code host}. */
  private static Certificate shown(SslContext server, SslContext client, String host)
      throws SSLException {
    SSLEngine there = server.newEngine(ByteBufAllocator.DEFAULT);
    SSLEngine here = client.newEngine(ByteBufAllocator.DEFAULT, host, 443);
    int size = here.getSession().getPacketBufferSize() * 4;
    ByteBuffer toThere = ByteBuffer.allocate(size);
    ByteBuffer toHere = ByteBuffer.allocate(size);
    here.beginHandshake();
    there.beginHandshake();
    for (int i = 0; i < MOST_STEPS; i++) {
      boolean done = step(here, toHere, toThere);
      if (step(there, toThere, toHere) && done) {
        return here.getSession().getPeerCertificates()[0];
      }
    }
    throw new AssertionError("the handshake does not end");
  }

  private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      SSLEngineResult unused = engine.wrap(ByteBuffer.allocate(0), out);
      return false;
    }
    in.flip();
    SSLEngineResult read =
        engine.unwrap(in, ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()));
    in.compact();
    return read.bytesConsumed() == 0
        && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  @Test
  void whatIsNeitherSetNorBroughtIsNotThere() {
    settings.clear();
    try (OwnTls tls = open(TlsContexts.none())) {
      assertThat(tls.server("DOOR_TLS")).isEmpty();
      assertThat(tls.client("VISITOR_TLS")).isEmpty();
    }
  }

  @Test
  void filesAreUsedAndReadAgainWhenTheyChange() throws Exception {
    try (OwnTls tls = open(TlsContexts.none())) {
      SslContext server = tls.server("DOOR_TLS").orElseThrow();
      SslContext client = tls.client("VISITOR_TLS").orElseThrow();
      assertThat(tls.server("DOOR_TLS")).as("asked again").containsSame(server);
      Certificate before = shown(server, client, "door");

      X509Bundle next = new CertificateBuilderOf("door").issuedBy(authority);
      write("door", next);
      await()
          .atMost(BOUND)
          .untilAsserted(() ->
              assertThat(shown(server, client, "door"))
                  .isEqualTo(next.getCertificate())
                  .isNotEqualTo(before));
    }
  }

  @Test
  void bothEndsShowCertificatesThatAreAllowed() throws Exception {
    settings.put("VISITOR_TLS_ALLOWED_NAMES", "gate");
    settings.put("NOBODY_TLS_CERT_PATH", folder.resolve("nobody.pem").toString());
    settings.put("NOBODY_TLS_KEY_PATH", folder.resolve("nobody-key.pem").toString());
    settings.put("NOBODY_TLS_CA_PATH", folder.resolve("ca.pem").toString());
    write("nobody", new CertificateBuilderOf("nobody").authority());
    try (OwnTls tls = open(TlsContexts.none())) {
      SslContext server = tls.server("DOOR_TLS").orElseThrow();
      SslContext picky = tls.client("VISITOR_TLS").orElseThrow();
      SslContext nobody = tls.client("NOBODY_TLS").orElseThrow();
      assertThatThrownBy(() -> shown(server, picky, "door")).isInstanceOf(SSLException.class);
      assertThatThrownBy(() -> shown(server, nobody, "door")).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void programsMayBringContextsButNotBesideFiles() throws Exception {
    SslContext own = SslContextBuilder.forClient().build();
    TlsContexts brought = TlsContexts.none().with("DOOR_TLS", own).with("vault", own);
    try (OwnTls tls = open(brought)) {
      assertThat(tls.client("vault").orElseThrow().isClient()).isTrue();
      assertThatThrownBy(() -> tls.server("DOOR_TLS"))
          .isInstanceOf(SettingException.class)
          .hasMessage("DOOR_TLS_… is set, but this program brings TLS of its own for DOOR_TLS");
    }
  }

  @Test
  void filesThatCanNotBeUsedAreNamed() throws Exception {
    replace("door.pem", "nonsense");
    settings.remove("VISITOR_TLS_CA_PATH");
    try (OwnTls tls = open(TlsContexts.none())) {
      assertThatThrownBy(() -> tls.server("DOOR_TLS"))
          .isInstanceOf(SettingException.class)
          .hasMessageStartingWith("no TLS with the files of DOOR_TLS_…: ")
          .hasMessageContaining("door.pem");
      assertThatThrownBy(() -> tls.client("VISITOR_TLS"))
          .isInstanceOf(SettingException.class)
          .hasMessageStartingWith("VISITOR_TLS_CA_PATH is missing");
    }
  }

  @Test
  void extensionsAskForIt() throws Exception {
    SslContext own = SslContextBuilder.forClient().build();
    try (NodePlugins plugins =
        NodePlugins.open(Settings.of(settings), TlsContexts.none().with("vault", own))) {
      var unused =
          plugins.extensions(
              java.util.List.of(),
              java.util.List.of(site -> {
                assertThat(site.clientTls("vault")).isPresent();
                assertThat(site.serverTls("DOOR_TLS")).isPresent();
                assertThat(site.serverTls("OTHER_TLS")).isEmpty();
              }));
    }
  }
}
