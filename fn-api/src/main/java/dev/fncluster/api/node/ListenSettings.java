package dev.fncluster.api.node;

import dev.fncluster.api.auth.AuthSettings;
import dev.fncluster.api.http.HttpServerSettings;
import dev.fncluster.api.http.TrustedProxies;
import dev.fncluster.api.loop.EventLoopSettings;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.PemFiles;
import dev.fncluster.api.tls.PemSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a node listens.
 *
 * @param bindAddress of the interface that all listeners are on; empty for all interfaces
 * @param port of the HTTP listener; 0 for any that is free
 * @param adminPort of a listener for operators only, not the same as {@code port} unless both are
 *     0; empty when the HTTP listener serves them too
 * @param eventLoops the event loops that serve all its connections
 * @param http the rest about HTTP
 * @param webTls what makes the HTTP listener one of HTTPS
 * @param adminTls what makes that for operators only one of HTTPS; empty where there is none
 * @param accessLog whether each request is logged
 * @param stopDelay how long users are served after a signal to stop, while the node says that it is
 *     not ready
 * @param auth whether users need tokens
 * @param proxies whose word about clients is taken; empty for nobody's
 */
public record ListenSettings(
    Optional<InetAddress> bindAddress,
    int port,
    Optional<Integer> adminPort,
    EventLoopSettings eventLoops,
    HttpServerSettings http,
    Optional<PemFiles> webTls,
    Optional<PemFiles> adminTls,
    boolean accessLog,
    Duration stopDelay,
    AuthSettings auth,
    Optional<TrustedProxies> proxies) {
  /** See {@link #bindAddress()}. */
  public static final Setting<Optional<String>> BIND_ADDRESS =
      Setting.optionalText(
          "FN_BIND_ADDRESS",
          "The address of this machine on which the node listens, such as 10.0.0.7 or ::1; all"
              + " interfaces when not set.");

  /** See {@link #port()}. */
  public static final Setting<Integer> PORT =
      Setting.integer("FN_PORT", 8080, 0, 65_535, "The HTTP port.");

  /** See {@link #adminPort()}. */
  public static final Setting<Optional<Integer>> ADMIN_PORT =
      Setting.optionalInteger(
          "FN_ADMIN_PORT",
          0,
          65_535,
          "The port of a listener of its own for /version, /metrics and /health/…, which the HTTP"
              + " port then has no more; without it, or the same as FN_PORT, they are there. Only"
              + " there is /debug, which lists /debug/threads, /debug/settings and, on a load"
              + " balancer or a full node, /debug/runners.");

  /** See {@link #accessLog()}. */
  public static final Setting<Boolean> ACCESS_LOG =
      Setting.bool(
          "FN_LOG_ACCESS",
          false,
          "Log every request with method, route, status, duration, the client's address and the ids"
              + " of its call; but none that is refused before it is routed: with a head that can't be"
              + " read, a body too long by its own word, a foreign origin.");

  /** See {@link #webTls()}. */
  public static final PemSettings WEB_TLS = PemSettings.of("FN_WEB_TLS", "the HTTP listener");

  /** See {@link #adminTls()}. */
  public static final PemSettings ADMIN_TLS =
      PemSettings.of("FN_ADMIN_TLS", "the listener of FN_ADMIN_PORT");

  /** See {@link #stopDelay()}. */
  public static final Setting<Duration> STOP_DELAY =
      Setting.duration(
          "FN_SHUTDOWN_DELAY",
          Duration.ZERO,
          "How long a node goes on to take requests after a signal to stop, while /health/ready says"
              + " that it is not ready: so that those who send to it can learn of it. A part of"
              + " FN_SHUTDOWN_TIMEOUT.");

  /** All settings of this record. */
  public static List<Setting<?>> all() {
    List<Setting<?>> all =
        new ArrayList<>(List.of(BIND_ADDRESS, PORT, ADMIN_PORT, ACCESS_LOG, STOP_DELAY));
    all.addAll(EventLoopSettings.all());
    all.addAll(WEB_TLS.all());
    all.addAll(ADMIN_TLS.all());
    all.addAll(HttpServerSettings.all());
    all.addAll(AuthSettings.all());
    all.addAll(TrustedProxies.all());
    return List.copyOf(all);
  }

  /**
   * Reads them.
   *
   * @throws dev.fncluster.api.settings.SettingException when one is wrong
   */
  public static ListenSettings from(Settings settings) {
    int port = settings.get(PORT);
    Optional<Integer> adminPort =
        settings.get(ADMIN_PORT).filter(admin -> admin == 0 || admin != port);
    Optional<PemFiles> adminTls = ADMIN_TLS.from(settings);
    if (adminTls.isPresent() && adminPort.isEmpty()) {
      throw new SettingException(
          "FN_ADMIN_TLS_CERT_PATH is set without FN_ADMIN_PORT; the listener of FN_PORT has"
              + " FN_WEB_TLS_CERT_PATH");
    }
    return new ListenSettings(
        settings.get(BIND_ADDRESS).map(ListenSettings::resolve),
        port,
        adminPort,
        EventLoopSettings.from(settings),
        HttpServerSettings.from(settings),
        WEB_TLS.from(settings),
        adminTls,
        settings.get(ACCESS_LOG),
        settings.get(STOP_DELAY),
        AuthSettings.from(settings),
        TrustedProxies.from(settings));
  }

  private static InetAddress resolve(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new SettingException("FN_BIND_ADDRESS is \"" + address + "\", which is no address");
    }
  }

  /** Where a listener of that port is. */
  public InetSocketAddress address(int listenerPort) {
    return bindAddress
        .map(address -> new InetSocketAddress(address, listenerPort))
        .orElseGet(() -> new InetSocketAddress(listenerPort));
  }
}
