package dev.fncluster.api.plugin;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.MutualTls;
import dev.fncluster.api.tls.MutualTlsFiles;
import dev.fncluster.api.tls.MutualTlsSettings;
import dev.fncluster.api.tls.PemFiles;
import dev.fncluster.api.tls.PemSettings;
import dev.fncluster.api.tls.ReloadedTls;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.api.tls.TlsMaterial;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * TLS under keys that extensions have thought of: what the embedding program brings, or files that
 * settings name, which are looked at until this is closed. Thread-safe.
 */
final class OwnTls implements AutoCloseable {
  private final Settings settings;
  private final TlsContexts brought;
  private final Duration period;
  // By end and key, so that who asks again has no files watched twice.
  private final Map<String, Optional<SslContext>> asked = new HashMap<>();
  private final List<Runnable> watched = new ArrayList<>();
  private boolean closed;

  /**
   * Nothing is read yet.
   *
   * @param period between two looks at files
   */
  OwnTls(Settings settings, TlsContexts brought, Duration period) {
    this.settings = settings;
    this.brought = brought;
    this.period = period;
  }

  /**
   * For connections that are taken.
   *
   * @throws SettingException when files can't be used, or there are both
   */
  Optional<SslContext> server(String key) {
    return find("server ", key, this::findServer);
  }

  /**
   * For connections that are made.
   *
   * @throws SettingException when files can't be used, or there are both
   */
  Optional<SslContext> client(String key) {
    return find("client ", key, this::findClient);
  }

  private synchronized Optional<SslContext> find(
      String end, String key, Function<String, Optional<SslContext>> finding) {
    Optional<SslContext> known = asked.get(end + key);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new IllegalStateException("the node has stopped");
    }
    Optional<SslContext> found = finding.apply(key);
    asked.put(end + key, found);
    return found;
  }

  private Optional<SslContext> findServer(String key) {
    Optional<PemFiles> files = PemSettings.of(key, "a plugin").from(settings);
    Optional<SslContext> given = brought.of(key, files, key);
    return given.isPresent() ? given : files.map(each -> watchServer(key, each));
  }

  private Optional<SslContext> findClient(String key) {
    Optional<MutualTlsFiles> files = MutualTlsSettings.of(key, "a plugin").from(settings);
    Optional<SslContext> given = brought.of(key, files, key);
    return given.isPresent() ? given : files.map(each -> watchClient(key, each));
  }

  private SslContext watchServer(String key, PemFiles files) {
    try {
      ReloadedTls tls = ReloadedTls.watch(files, period, OwnTls::server);
      watched.add(tls::close);
      return TlsContexts.following(tls);
    } catch (IOException e) {
      throw unusable(key, e);
    }
  }

  private static SslContext server(TlsMaterial material) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(material.key(), material.certificates());
    if (!material.authorities().isEmpty()) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(material.authorities());
    }
    return builder.build();
  }

  private SslContext watchClient(String key, MutualTlsFiles files) {
    try {
      MutualTls tls = MutualTls.client(files, period, UnaryOperator.identity());
      watched.add(tls::close);
      return tls.context();
    } catch (IOException e) {
      throw unusable(key, e);
    }
  }

  private static SettingException unusable(String key, IOException failure) {
    return new SettingException("no TLS with the files of " + key + "_…: " + failure);
  }

  /** Looks at files no more; contexts stay usable. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    watched.forEach(Runnable::run);
    watched.clear();
  }
}
