package dev.fncluster.api.node;

import dev.fncluster.api.tls.CertificateMeters;
import dev.fncluster.api.tls.PemFiles;
import dev.fncluster.api.tls.ReloadedTls;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.api.tls.TlsMaterial;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of one listener: files that are read when it starts and again when they change, or what
 * an embedding program has brought. Thread-safe.
 */
final class ListenerTls implements Supplier<SslContext>, AutoCloseable {
  private final @Nullable PemFiles files;
  private final Duration period;
  private volatile @Nullable Supplier<SslContext> current;
  private volatile @Nullable ReloadedTls watched;

  private ListenerTls(
      @Nullable PemFiles files, Duration period, @Nullable Supplier<SslContext> brought) {
    this.files = files;
    this.period = period;
    current = brought;
  }

  /** That of a listener with {@code files} or what was {@code brought}; null when it has none. */
  static @Nullable ListenerTls of(
      Optional<PemFiles> files, Duration period, Optional<Supplier<SslContext>> brought) {
    return files.isEmpty() && brought.isEmpty()
        ? null
        : new ListenerTls(files.orElse(null), period, brought.orElse(null));
  }

  /**
   * Reads the files, if there are any.
   *
   * @throws NodeStartException when they can't be used
   */
  void start() throws NodeStartException {
    PemFiles toRead = files;
    if (toRead == null) {
      return;
    }
    try {
      ReloadedTls reloaded = ReloadedTls.watch(toRead, period, ListenerTls::context);
      watched = reloaded;
      current = reloaded;
    } catch (IOException e) {
      throw new NodeStartException("no TLS with " + toRead.certificates() + ": " + text(e), e);
    }
  }

  /**
   * Has {@code meters} tell when the certificate of the files ends, if there are any.
   *
   * @param use where it is shown
   */
  void export(MeterRegistry meters, String use) {
    if (files != null) {
      CertificateMeters.export(meters, use, this::notAfter);
    }
  }

  private @Nullable Instant notAfter() {
    ReloadedTls reloaded = watched;
    return reloaded == null ? null : reloaded.notAfter();
  }

  // Of a file that is missing or may not be read, the message is only its name.
  private static String text(IOException failure) {
    return failure.getClass() == IOException.class
        ? String.valueOf(failure.getMessage())
        : failure.toString();
  }

  @Override
  public SslContext get() {
    Supplier<SslContext> supplier = current;
    if (supplier == null) {
      throw new IllegalStateException("the listener was not started");
    }
    return supplier.get();
  }

  @Override
  public void close() {
    ReloadedTls reloaded = watched;
    if (reloaded != null) {
      reloaded.close();
    }
  }

  private static SslContext context(TlsMaterial material) throws IOException {
    SslContextBuilder builder =
        TlsContexts.forListener(
            SslContextBuilder.forServer(material.key(), material.certificates()));
    if (!material.authorities().isEmpty()) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(material.authorities());
    }
    return builder.build();
  }
}
