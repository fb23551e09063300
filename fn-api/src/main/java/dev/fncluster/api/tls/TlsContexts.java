package dev.fncluster.api.tls;

import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.settings.SettingException;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apiguardian.api.API;

/**
 * TLS that an embedding program brings for the servers of its node, instead of files that settings
 * name: a map whose keys are those of other Fn servers ({@code TLSGRPCServer}, {@code
 * TLSAdminServer}, {@code TLSWebServer}), and any of one's own, for which extensions ask with
 * {@link dev.fncluster.api.extension.PluginContext#serverTls serverTls} and {@link
 * dev.fncluster.api.extension.PluginContext#clientTls clientTls}. Immutable and thread-safe.
 *
 * <pre>{@code
 * ApiNode.builder(context)
 *     .tls(TlsContexts.none().with(TlsContexts.WEB_SERVER, () -> vault.currentContext()))
 *     .build();
 * }</pre>
 *
 * <p>A supplier is asked at each new connection, on an event loop: it answers at once, and may
 * answer differently when certificates are renewed.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class TlsContexts {
  /**
   * The gRPC server of a runner; its contexts are made with {@code
   * io.grpc.netty.GrpcSslContexts.configure}.
   */
  public static final String GRPC_SERVER = "gRPCServer";

  /**
   * The listener for operators, of {@code FN_ADMIN_PORT}. Contexts made with {@link #forListener}
   * let clients choose HTTP/2.
   */
  public static final String ADMIN_SERVER = "AdminServer";

  /** The listener for users; contexts as for {@link #ADMIN_SERVER}. */
  public static final String WEB_SERVER = "WebServer";

  private static final TlsContexts NONE = new TlsContexts(Map.of());

  private final Map<String, Supplier<SslContext>> contexts;

  private TlsContexts(Map<String, Supplier<SslContext>> contexts) {
    this.contexts = Map.copyOf(contexts);
  }

  /** Nothing: settings alone say what is served over TLS. */
  public static TlsContexts none() {
    return NONE;
  }

  /**
   * These and one more, or another one in its place.
   *
   * @param server one of the constants of this class, or a key that an extension asks for
   */
  public TlsContexts with(String server, SslContext context) {
    return with(server, () -> context);
  }

  /** The same, with a context that may change. */
  public TlsContexts with(String server, Supplier<SslContext> context) {
    Map<String, Supplier<SslContext>> more = new HashMap<>(contexts);
    more.put(server, context);
    return new TlsContexts(more);
  }

  /** Adds to {@code builder} what a listener for HTTP speaks: HTTP/2 and 1.1. */
  public static SslContextBuilder forListener(SslContextBuilder builder) {
    return builder
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(HttpServer.applicationProtocols());
  }

  /** What was brought for {@code server}. */
  public Optional<Supplier<SslContext>> of(String server) {
    return Optional.ofNullable(contexts.get(server));
  }

  /**
   * What was brought for {@code server}, as one context that follows the supplier.
   *
   * @param files what settings name for the same server
   * @param prefix of those settings
   * @throws SettingException when there are both: nobody could tell which is meant
   */
  public Optional<SslContext> of(String server, Optional<?> files, String prefix) {
    return check(server, files, prefix).map(TlsContexts::following);
  }

  /**
   * As {@link #of(String)}.
   *
   * @throws SettingException when settings name files as well
   */
  public Optional<Supplier<SslContext>> check(String server, Optional<?> files, String prefix) {
    Optional<Supplier<SslContext>> brought = of(server);
    if (brought.isPresent() && files.isPresent()) {
      throw new SettingException(
          prefix + "_… is set, but this program brings TLS of its own for " + server);
    }
    return brought;
  }

  /** A context whose new connections use what {@code supplier} gives at that moment. */
  public static SslContext following(Supplier<SslContext> supplier) {
    return new CurrentSslContext(supplier);
  }
}
