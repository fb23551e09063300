package dev.fncluster.api.node;

import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.tls.PemFiles;
import dev.fncluster.api.tls.ReloadedTls;
import dev.fncluster.api.tls.TlsMaterial;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of one listener, whose files are read when it starts and again when they change.
 * Thread-safe.
 */
final class ListenerTls implements Supplier<SslContext>, AutoCloseable {
  private final PemFiles files;
  private final Duration period;
  private volatile @Nullable ReloadedTls running;

  private ListenerTls(PemFiles files, Duration period) {
    this.files = files;
    this.period = period;
  }

  /** That of a listener with {@code files}; null when it has none. */
  static @Nullable ListenerTls of(Optional<PemFiles> files, Duration period) {
    return files.map(each -> new ListenerTls(each, period)).orElse(null);
  }

  /**
   * Reads the files.
   *
   * @throws NodeStartException when they can't be used
   */
  void start() throws NodeStartException {
    try {
      running = ReloadedTls.watch(files, period, ListenerTls::context);
    } catch (IOException e) {
      throw new NodeStartException("no TLS with " + files.certificates() + ": " + text(e), e);
    }
  }

  // Of a file that is missing or may not be read, the message is only its name.
  private static String text(IOException failure) {
    return failure.getClass() == IOException.class
        ? String.valueOf(failure.getMessage())
        : failure.toString();
  }

  @Override
  public SslContext get() {
    ReloadedTls current = running;
    if (current == null) {
      throw new IllegalStateException("the listener was not started");
    }
    return current.get();
  }

  @Override
  public void close() {
    ReloadedTls current = running;
    if (current != null) {
      current.close();
    }
  }

  private static SslContext context(TlsMaterial material) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(material.key(), material.certificates())
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(HttpServer.applicationProtocols());
    if (!material.authorities().isEmpty()) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(material.authorities());
    }
    return builder.build();
  }
}
