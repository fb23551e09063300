package dev.fncluster.lb;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.tls.MutualTls;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.runnerpool.grpc.ChannelSecurity;
import io.grpc.netty.GrpcSslContexts;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the load balancer's connections to its runners are secured: by files, by what an embedding
 * program brings, or not at all. Thread-safe.
 */
final class RunnerSecurity implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunnerSecurity.class);

  private final ChannelSecurity channels;
  private final @Nullable MutualTls files;

  private RunnerSecurity(ChannelSecurity channels, @Nullable MutualTls files) {
    this.channels = channels;
    this.files = files;
  }

  /**
   * Reads files, and goes on to look at them until it is closed.
   *
   * @param brought asked at each new connection
   * @throws SettingException when files can't be used, or there are both
   */
  static RunnerSecurity of(Optional<MutualTlsFiles> files, @Nullable Supplier<SslContext> brought) {
    if (brought != null) {
      if (files.isPresent()) {
        throw new SettingException(
            "FN_RUNNER_TLS_… is set, but this program brings TLS of its own towards runners");
      }
      return new RunnerSecurity(ChannelSecurity.tls(TlsContexts.following(brought)), null);
    }
    if (files.isEmpty()) {
      log.warn("connections to runners are not encrypted");
      return new RunnerSecurity(ChannelSecurity.plaintext(), null);
    }
    try {
      MutualTls tls = MutualTls.client(files.get(), GrpcSslContexts::configure);
      return new RunnerSecurity(ChannelSecurity.tls(tls.context()), tls);
    } catch (IOException e) {
      throw new SettingException("no TLS towards runners with the files of FN_RUNNER_TLS_…: " + e);
    }
  }

  ChannelSecurity channels() {
    return channels;
  }

  /** Has {@code meters} tell when the certificate of the files ends, if there are any. */
  void export(MeterRegistry meters) {
    MutualTls watched = files;
    if (watched != null) {
      watched.export(meters, "runners");
    }
  }

  /** Looks at files no more. Idempotent. */
  @Override
  public void close() {
    MutualTls watched = files;
    if (watched != null) {
      watched.close();
    }
  }
}
