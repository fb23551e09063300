package dev.fncluster.api.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsMaterialTest {
  @TempDir private Path folder;

  private TlsMaterial read(String certificates, String key) throws IOException {
    PemFiles files =
        new PemFiles(
            Files.writeString(folder.resolve("c"), certificates),
            Files.writeString(folder.resolve("k"), key),
            Optional.empty());
    return TlsMaterial.of(files, TlsMaterial.Bytes.read(files));
  }

  private static X509Bundle selfSigned(CertificateBuilder.Algorithm algorithm) throws Exception {
    return new CertificateBuilder()
        .subject("CN=a")
        .algorithm(algorithm)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  @ParameterizedTest
  @EnumSource(
      value = CertificateBuilder.Algorithm.class,
      names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
  void readsKeysOfTheUsualKinds(CertificateBuilder.Algorithm algorithm) throws Exception {
    X509Bundle bundle = selfSigned(algorithm);

    TlsMaterial material = read(bundle.getCertificatePathPEM(), bundle.getPrivateKeyPEM());

    assertThat(material.certificates()).containsExactly(bundle.getCertificate());
    assertThat(material.key()).isEqualTo(bundle.getKeyPair().getPrivate());
    assertThat(material.authorities()).isEmpty();
  }

  @Test
  void refusesKeysOfOtherCertificates() throws Exception {
    X509Bundle one = selfSigned(CertificateBuilder.Algorithm.ecp256);
    X509Bundle same = selfSigned(CertificateBuilder.Algorithm.ecp256);
    X509Bundle other = selfSigned(CertificateBuilder.Algorithm.rsa2048);

    for (X509Bundle each : new X509Bundle[] {same, other}) {
      assertThatThrownBy(() -> read(one.getCertificatePEM(), each.getPrivateKeyPEM()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is not the key of");
    }
  }

  @Test
  void saysHowOtherFormsAreMadeIntoOneThatItReads() throws Exception {
    X509Bundle one = selfSigned(CertificateBuilder.Algorithm.ecp256);
    String old = one.getPrivateKeyPEM().replace(" PRIVATE", " EC PRIVATE");

    assertThatThrownBy(() -> read(one.getCertificatePEM(), old))
        .hasMessageContaining("openssl pkcs8");
    assertThatThrownBy(() -> read("", one.getPrivateKeyPEM()))
        .hasMessageContaining("no certificate");
    String broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assertThatThrownBy(() -> read(one.getCertificatePEM(), broken))
        .hasMessageContaining("neither EC, RSA nor EdDSA");
  }
}
