package dev.fncluster.api.node;

import dev.fncluster.api.auth.Authenticator;
import dev.fncluster.api.guard.Guard;
import dev.fncluster.api.guard.Guarded;
import dev.fncluster.api.http.HttpServer;
import dev.fncluster.api.http.RequestObserver;
import dev.fncluster.api.http.RootMiddleware;
import dev.fncluster.api.http.RouteWrapper;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.http.ServerPages;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.replay.ReplaySpace;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.tls.ReloadedTls;
import dev.fncluster.api.tls.TlsContexts;
import dev.fncluster.stats.ApiMeters;
import dev.fncluster.stats.Metrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.netty4.NettyEventExecutorMetrics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP listeners of a node: one for its users and, if a port is set for it, one for its
 * operators, which goes on while the first is being stopped.
 *
 * <pre>
 *   FN_PORT ───────▶ /, what the node serves ┐
 *                                            ├ all on FN_PORT when there is no FN_ADMIN_PORT
 *   FN_ADMIN_PORT ─▶ /, pages about the node ┘
 * </pre>
 *
 * <p>Where users need tokens, they need them for what the node serves and for the metrics on {@code
 * FN_PORT}. Who can reach {@code FN_ADMIN_PORT} needs none.
 *
 * <p>Thread-safe. Requests to both are counted in the views of {@link
 * dev.fncluster.stats.ApiViews}, if the node has registered them.
 */
public final class NodeHttp {
  private final HttpServer web;
  private final @Nullable HttpServer admin;
  private final Health health;
  private final Duration stopDelay;
  private final Guard guard;
  private final @Nullable ListenerTls webTls;
  private final @Nullable ListenerTls adminTls;

  private NodeHttp(Builder builder) {
    ListenSettings settings = builder.settings;
    stopDelay = settings.stopDelay();
    if (settings.adminPort().isEmpty() && builder.tls.of(TlsContexts.ADMIN_SERVER).isPresent()) {
      throw new SettingException(
          "this program brings TLS for "
              + TlsContexts.ADMIN_SERVER
              + ", but FN_ADMIN_PORT is not set");
    }
    RequestObserver counting = new RequestStats(new ApiMeters(builder.context.metrics().views()));
    RequestObserver stats = settings.accessLog() ? new AccessLog(counting) : counting;
    DebugPages debug = new DebugPages(builder.debugViews);
    new NettyEventExecutorMetrics(builder.loops.group())
        .bindTo(builder.context.metrics().views().meters());
    health = new Health(builder.readiness);
    guard = Guard.of(settings.auth(), builder.clock, builder.authPeriod);
    webTls =
        ListenerTls.of(
            settings.webTls(),
            builder.tlsPeriod,
            builder.tls.check(TlsContexts.WEB_SERVER, settings.webTls(), "FN_WEB_TLS"));
    adminTls =
        ListenerTls.of(
            settings.adminTls(),
            builder.tlsPeriod,
            builder.tls.check(TlsContexts.ADMIN_SERVER, settings.adminTls(), "FN_ADMIN_TLS"));
    MeterRegistry meters = builder.context.metrics().views().meters();
    if (webTls != null) {
      webTls.export(meters, "web");
    }
    if (adminTls != null) {
      adminTls.export(meters, "admin");
    }
    HttpServer.Builder users =
        HttpServer.builder(builder.loops, settings.http())
            .address(settings.address(settings.port()))
            .observer(stats)
            .routes(NodeHttp::addHello)
            .root(builder.root)
            .replaySpace(builder.replaySpace);
    settings.proxies().ifPresent(users::trustedProxies);
    builder.adders.forEach(adder -> adder.add(users, guard));
    if (settings.adminPort().isEmpty()) {
      users
          .routes(routes -> addPages(routes, builder.context))
          .routes(
              guard.of(Guarded.METRICS), routes -> addMetrics(routes, builder.context.metrics()));
    }
    web = build(users, webTls);
    admin =
        settings
            .adminPort()
            .map(port ->
                build(
                    HttpServer.builder(builder.loops, settings.http().withoutCors())
                        .address(settings.address(port))
                        .observer(stats)
                        .routes(NodeHttp::addHello)
                        .routes(routes -> addPages(routes, builder.context))
                        .routes(routes -> addMetrics(routes, builder.context.metrics()))
                        .routes(routes ->
                            debug.addTo(routes, builder.context.settings(), builder.knownSettings)),
                    adminTls))
            .orElse(null);
  }

  private static HttpServer build(HttpServer.Builder builder, @Nullable ListenerTls tls) {
    return (tls == null ? builder : builder.tls(tls)).build();
  }

  private static void addHello(Routes routes) {
    routes.add("GET", "/", ServerPages.hello());
  }

  private void addPages(Routes routes, NodeContext context) {
    routes.add("GET", "/version", ServerPages.version(context.build().version()));
    // What proxies probe with.
    for (String method : new String[] {"GET", "HEAD"}) {
      routes
          .add(method, "/health/live", health.live())
          .addBlocking(method, "/health/ready", health.ready());
    }
  }

  private static void addMetrics(Routes routes, Metrics metrics) {
    routes.addBlocking(
        "GET",
        "/metrics",
        ServerPages.metrics(accept -> {
          Metrics.Page page = metrics.scrape(accept);
          return new ServerPages.Page(page.contentType(), page.body());
        }));
  }

  /** Begins to put the listeners together. */
  public static Builder builder(NodeContext context, EventLoops loops, ListenSettings settings) {
    return new Builder(context, loops, settings);
  }

  /**
   * Listens; who asks from now on is told that the node is ready.
   *
   * @throws IOException when a port is taken or not ours to take
   * @throws NodeStartException when certificates, keys or tokens can't be used
   */
  public void start() throws IOException, NodeStartException {
    try {
      guard.start();
    } catch (IOException e) {
      throw new NodeStartException(String.valueOf(e.getMessage()), e);
    }
    for (ListenerTls each : Arrays.asList(webTls, adminTls)) {
      if (each != null) {
        each.start();
      }
    }
    HttpServer operators = admin;
    if (operators != null) {
      operators.start();
    }
    web.start();
    health.serving();
  }

  /**
   * The port for users.
   *
   * @throws IllegalStateException before {@link #start()}
   */
  public int port() {
    return web.port();
  }

  /**
   * The port for operators, which may be the one for users.
   *
   * @throws IllegalStateException before {@link #start()}
   */
  public int adminPort() {
    HttpServer operators = admin;
    return operators == null ? web.port() : operators.port();
  }

  /** Whoever probes learns that the node is ready no more. Idempotent. */
  public void stopping() {
    health.stopping();
  }

  /**
   * Says that the node is {@link #stopping()}, serves for {@link ListenSettings#stopDelay()} all
   * the same, and closes the listener for users, as {@link HttpServer#close} does.
   *
   * @param grace how long requests under way may still take
   * @throws InterruptedException when the waiting thread is interrupted; it is closed then
   */
  public void close(Duration grace) throws InterruptedException {
    stopping();
    Duration delay = stopDelay.compareTo(grace) < 0 ? stopDelay : grace;
    Duration left = Duration.ZERO;
    try {
      // Nobody counts it down: it is the time that matters.
      new CountDownLatch(1).await(delay.toMillis(), TimeUnit.MILLISECONDS);
      left = grace.minus(delay);
    } finally {
      web.close(left);
    }
  }

  /**
   * Closes the listener for operators, if there is one of its own, and all else. The last of what
   * is stopped but the event loops, so that the stop can be watched.
   *
   * @param grace how long requests under way may still take
   * @throws InterruptedException when the waiting thread is interrupted; it is closed then
   */
  public void closeAdmin(Duration grace) throws InterruptedException {
    HttpServer operators = admin;
    guard.close();
    for (ListenerTls each : Arrays.asList(webTls, adminTls)) {
      if (each != null) {
        each.close();
      }
    }
    if (operators != null) {
      operators.close(grace);
    }
  }

  /** Puts the listeners of a node together. Not thread-safe. */
  public static final class Builder {
    private final NodeContext context;
    private final EventLoops loops;
    private final ListenSettings settings;
    private final List<Adder> adders = new ArrayList<>();
    private RootMiddleware root = RootMiddleware.NONE;
    private ReplaySpace replaySpace = ReplaySpace.inMemory();
    private ReadinessCheck readiness = ReadinessCheck.NONE;
    private TlsContexts tls = TlsContexts.none();
    private Duration tlsPeriod = ReloadedTls.PERIOD;
    private final Map<String, Supplier<?>> debugViews = new LinkedHashMap<>();
    private List<Setting<?>> knownSettings = List.of();
    private Duration authPeriod = Authenticator.PERIOD;
    private InstantSource clock = InstantSource.system();

    @FunctionalInterface
    private interface Adder {
      void add(HttpServer.Builder server, Guard guard);
    }

    private Builder(NodeContext context, EventLoops loops, ListenSettings settings) {
      this.context = context;
      this.loops = loops;
      this.settings = settings;
    }

    /** Has {@code adder} add routes for users who need no tokens in any case. */
    public Builder routes(Consumer<Routes> adder) {
      adders.add((server, guard) -> server.routes(adder));
      return this;
    }

    /** Has {@code adder} add routes for users whose tokens are good for {@code part}. */
    public Builder routes(Guarded part, Consumer<Routes> adder) {
      adders.add((server, guard) -> server.routes(guard.of(part), adder));
      return this;
    }

    /**
     * As {@link #routes(Guarded, Consumer)}, with {@code wrapper} around the handler of each,
     * behind the check of tokens.
     */
    public Builder routes(Guarded part, RouteWrapper wrapper, Consumer<Routes> adder) {
      adders.add((server, guard) -> {
        RouteWrapper check = guard.of(part);
        server.routes(
            (method, pattern, handler) ->
                check.wrap(method, pattern, wrapper.wrap(method, pattern, handler)),
            adder);
      });
      return this;
    }

    /** Stands before all that users are served; nothing by default. */
    public Builder root(RootMiddleware value) {
      root = value;
      return this;
    }

    /** Where bodies are kept for another reading, as {@link HttpServer.Builder#replaySpace}. */
    public Builder replaySpace(ReplaySpace value) {
      replaySpace = value;
      return this;
    }

    /** What the node needs to be ready, beyond having started; nothing by default. */
    public Builder readiness(ReadinessCheck value) {
      readiness = value;
      return this;
    }

    /** TLS for the listeners that does not come from files; none by default. */
    public Builder tls(TlsContexts value) {
      tls = value;
      return this;
    }

    /** The settings that the node reads, which operators can look at. */
    public Builder settings(List<Setting<?>> value) {
      knownSettings = List.copyOf(value);
      return this;
    }

    /**
     * Lets operators look at {@code view}, as JSON at {@code /debug/} and the name, where they have
     * a listener of their own.
     *
     * @param view made anew for each look; may block
     */
    public Builder debugView(String name, Supplier<?> view) {
      debugViews.put(name, view);
      return this;
    }

    // For tests, which are in a hurry.
    Builder tlsPeriod(Duration value) {
      tlsPeriod = value;
      return this;
    }

    // For tests, which know what time it is.
    Builder auth(InstantSource time, Duration period) {
      clock = time;
      authPeriod = period;
      return this;
    }

    /**
     * The listeners, not started.
     *
     * @throws dev.fncluster.api.settings.SettingException when an origin for CORS is malformed, or
     *     there are files and other TLS for the same listener
     */
    public NodeHttp build() {
      return new NodeHttp(this);
    }
  }
}
