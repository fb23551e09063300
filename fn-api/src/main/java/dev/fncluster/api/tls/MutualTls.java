package dev.fncluster.api.tls;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * One end of a connection whose both ends show a certificate, with files that are read again when
 * they change: connections that are made after that use what is new, those that are open go on.
 *
 * <p>Thread-safe.
 */
public final class MutualTls implements AutoCloseable {
  private final ReloadedTls current;
  private final SslContext context;

  private MutualTls(ReloadedTls current) {
    this.current = current;
    context = TlsContexts.following(current);
  }

  /**
   * The end that listens. It takes connections only of those whose certificates are signed by an
   * authority and have an allowed name.
   *
   * @param protocols adds what is spoken over TLS, such as HTTP/2
   * @throws IOException when the files can't be used; the message is for the operator
   */
  public static MutualTls server(MutualTlsFiles files, UnaryOperator<SslContextBuilder> protocols)
      throws IOException {
    return server(files, ReloadedTls.PERIOD, protocols);
  }

  /**
   * As {@link #server(MutualTlsFiles, UnaryOperator)}.
   *
   * @param period between two looks at the files
   * @throws IOException when the files can't be used
   */
  public static MutualTls server(
      MutualTlsFiles files, Duration period, UnaryOperator<SslContextBuilder> protocols)
      throws IOException {
    return watch(
        files,
        period,
        protocols,
        material ->
            SslContextBuilder.forServer(material.key(), material.certificates())
                .clientAuth(ClientAuth.REQUIRE));
  }

  /**
   * The end that connects. Beside authority and allowed names, the server's certificate must be for
   * the host that was connected to, where the protocol asks for that check, as gRPC does.
   *
   * @param protocols adds what is spoken over TLS, such as HTTP/2
   * @throws IOException when the files can't be used; the message is for the operator
   */
  public static MutualTls client(MutualTlsFiles files, UnaryOperator<SslContextBuilder> protocols)
      throws IOException {
    return client(files, ReloadedTls.PERIOD, protocols);
  }

  /**
   * As {@link #client(MutualTlsFiles, UnaryOperator)}.
   *
   * @param period between two looks at the files
   * @throws IOException when the files can't be used
   */
  public static MutualTls client(
      MutualTlsFiles files, Duration period, UnaryOperator<SslContextBuilder> protocols)
      throws IOException {
    return watch(
        files,
        period,
        protocols,
        material ->
            SslContextBuilder.forClient().keyManager(material.key(), material.certificates()));
  }

  private static MutualTls watch(
      MutualTlsFiles files,
      Duration period,
      UnaryOperator<SslContextBuilder> protocols,
      Function<TlsMaterial, SslContextBuilder> end)
      throws IOException {
    return new MutualTls(
        ReloadedTls.watch(
            files.pem(),
            period,
            material ->
                protocols
                    .apply(end.apply(material))
                    .trustManager(trust(material.authorities(), files.allowedNames()))
                    .build()));
  }

  /** Always the same object; every connection that begins with it uses what holds by then. */
  public SslContext context() {
    return context;
  }

  /**
   * Has {@code meters} tell when the certificate ends.
   *
   * @param use where it is shown
   */
  public void export(MeterRegistry meters, String use) {
    CertificateMeters.export(meters, use, current::notAfter);
  }

  /** Looks at the files no more; the context stays usable. Idempotent. */
  @Override
  public void close() {
    current.close();
  }

  private static TrustManager trust(List<X509Certificate> authorities, List<String> allowedNames)
      throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority-" + i, authorities.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509ExtendedTrustManager trust) {
          return allowedNames.isEmpty() ? trust : new NameCheck(trust, allowedNames);
        }
      }
      throw new IOException("this JDK has no trust manager for X.509");
    } catch (GeneralSecurityException e) {
      throw new IOException("the authorities can't be used: " + e.getMessage(), e);
    }
  }
}
