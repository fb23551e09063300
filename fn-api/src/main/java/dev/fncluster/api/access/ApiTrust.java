package dev.fncluster.api.access;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whose certificates a load balancer takes from API nodes that are called over HTTPS. */
final class ApiTrust {
  static final Setting<Optional<String>> AUTHORITIES =
      Setting.optionalText(
          "FN_RUNNER_API_CA_PATH",
          "A PEM file with the authorities of the API nodes' certificates, for https:// in"
              + " FN_RUNNER_API_URL; read at the start. None for those that Java trusts.");

  private ApiTrust() {}

  /**
   * TLS with the authorities that are set; empty for those of Java.
   *
   * @throws SettingException when the file can't be used
   */
  static Optional<SSLContext> of(Settings settings) {
    return settings.get(AUTHORITIES).map(ApiTrust::context);
  }

  private static SSLContext context(String path) {
    try (InputStream pem = Files.newInputStream(Path.of(path))) {
      Collection<? extends Certificate> authorities =
          CertificateFactory.getInstance("X.509").generateCertificates(pem);
      if (authorities.isEmpty()) {
        throw new IOException("no certificate in it");
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate each : authorities) {
        store.setCertificateEntry("authority-" + store.size(), each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException | InvalidPathException e) {
      throw new SettingException(
          AUTHORITIES.name()
              + " is \""
              + path
              + "\", which can't be used: "
              + e
              + "; expected a file of certificates in PEM");
    }
  }
}
