package dev.fncluster.api.http;

import dev.fncluster.api.call.CancelCause;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.replay.ReplaySpace;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves HTTP/1.0, HTTP/1.1 and HTTP/2 on the event loops of the node, all on one port: what a
 * client speaks is told by its first bytes, so HTTP/2 needs no TLS.
 *
 * <pre>{@code
 * HttpServer server =
 *     HttpServer.builder(loops, settings)
 *         .port(8080)
 *         .routes(routes -> routes.add("GET", "/", ServerPages.hello()))
 *         .build();
 * server.start();
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class HttpServer {
  private static final int BACKLOG = 4096;
  // Clients whose machine or network is gone say no goodbye. By default nothing else ends their
  // connections, and the calls of those who wait for an answer.
  private static final int KEEPALIVE_SECONDS = 30;
  private static final int KEEPALIVE_PROBES = 4;
  private static final Duration AFTER_CANCEL = Duration.ofSeconds(2);
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(1);
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 128 * 1024);

  private final EventLoops loops;
  private final ServerParts parts;
  private final InetSocketAddress address;
  private final @Nullable Supplier<SslContext> tls;
  private final ChannelGroup connections =
      new DefaultChannelGroup("http", GlobalEventExecutor.INSTANCE, true);
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile @Nullable Channel listener;

  private HttpServer(Builder builder) {
    loops = builder.loops;
    address = builder.address;
    tls = builder.tls;
    HttpServerSettings settings = builder.settings;
    parts =
        new ServerParts(
            settings,
            builder.router,
            builder.root,
            new Cors(settings.corsOrigins(), settings.corsHeaders()),
            builder.observer,
            new HttpDate(builder.clock),
            builder.replaySpace,
            builder.tls == null ? "http" : "https",
            builder.proxies,
            builder.lastRequests);
  }

  /** Begins to put a server together. */
  public static Builder builder(EventLoops loops, HttpServerSettings settings) {
    return new Builder(loops, settings);
  }

  /**
   * What a TLS context for {@link Builder#tls} is to be built with, so that clients choose HTTP/2
   * by ALPN. Clients without ALPN get HTTP/1.1.
   */
  public static ApplicationProtocolConfig applicationProtocols() {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        ApplicationProtocolNames.HTTP_2,
        ApplicationProtocolNames.HTTP_1_1);
  }

  /**
   * Listens.
   *
   * @throws IOException when the port is taken or not ours to take, or the address is not one of
   *     this machine
   */
  public void start() throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannelType())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    prepare(channel);
                  }
                });
    if (loops.serverChannelType() == EpollServerSocketChannel.class) {
      bootstrap
          .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_SECONDS)
          .childOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
    }
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("can't listen on " + where() + ": " + bound.cause(), bound.cause());
    }
    listener = bound.channel();
  }

  private String where() {
    String port = "port " + address.getPort();
    return address.getAddress().isAnyLocalAddress()
        ? port
        : port + " of " + address.getAddress().getHostAddress();
  }

  /**
   * The port it listens on.
   *
   * @throws IllegalStateException before {@link #start()}
   */
  public int port() {
    Channel channel = listener;
    if (channel == null) {
      throw new IllegalStateException("the server was not started");
    }
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** How many connections of clients are open now. */
  public int connectionCount() {
    return connections.size();
  }

  /**
   * Takes no more connections, tells clients to send no more requests on theirs, waits for the
   * answers under way, then closes. Blocks; idempotent. Must not be called on an event loop.
   *
   * @param grace how long to wait before requests under way are cancelled with {@link
   *     CancelCause#SHUTDOWN}; two seconds later their connections are closed
   * @throws InterruptedException when the waiting thread is interrupted; everything is closed then
   */
  public void close(Duration grace) throws InterruptedException {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    Channel channel = listener;
    try {
      if (channel != null) {
        channel.close().await();
      }
      eachConnection(ServedConnection::drain);
      if (!closedWithin(grace)) {
        eachConnection(connection -> connection.cancel(CancelCause.SHUTDOWN));
        closedWithin(AFTER_CANCEL);
      }
    } finally {
      connections.close();
    }
  }

  private boolean closedWithin(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    // The future is of those that there were when it was made.
    while (!connections.isEmpty()) {
      if (!connections.newCloseFuture().await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  private void eachConnection(Consumer<ServedConnection> action) {
    for (Channel channel : connections) {
      channel
          .eventLoop()
          .execute(() -> {
            ServedConnection connection = channel.pipeline().get(Http2Connection.class);
            if (connection == null) {
              connection = channel.pipeline().get(Connection.class);
            }
            if (connection != null) {
              action.accept(connection);
            }
          });
    }
  }

  private void prepare(Channel channel) {
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    if (open.incrementAndGet() > parts.settings().maxConnections()) {
      parts.observer().connectionRefused();
      channel.close();
      return;
    }
    Supplier<SslContext> context = tls;
    if (context != null) {
      channel.pipeline().addLast(context.get().newHandler(channel.alloc()));
    }
    Connection connection = new Connection(parts);
    HttpServerSettings settings = parts.settings();
    if (settings.idleTimeout().isPositive() || settings.headerReadTimeout().isPositive()) {
      channel.pipeline().addLast(new ByteWatch(connection));
    }
    channel
        .pipeline()
        .addLast(new ProtocolDetector(parts))
        .addLast(new StrictRequestDecoder(settings.maxHeaderSize()))
        .addLast(connection);
    connections.add(channel);
    if (closing.get()) {
      connection.drain();
    }
  }

  // Sees bytes before the decoder does: the first of a request ends the idle time.
  private static final class ByteWatch extends ChannelInboundHandlerAdapter {
    private final Connection connection;

    private ByteWatch(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      connection.bytesRead();
      context.fireChannelRead(message);
    }
  }

  /** Puts a server together. Not thread-safe. */
  public static final class Builder implements Routes {
    private final EventLoops loops;
    private final HttpServerSettings settings;
    private final Router router = new Router();
    private final Semaphore blockingPermits;
    private RequestObserver observer = RequestObserver.none();
    private InstantSource clock = InstantSource.system();
    private InetSocketAddress address = new InetSocketAddress(0);
    private ReplaySpace replaySpace = ReplaySpace.inMemory();
    private @Nullable Supplier<SslContext> tls;
    private RootMiddleware root = RootMiddleware.NONE;
    private @Nullable TrustedProxies proxies;
    private Duration lastRequests = LAST_REQUESTS;

    private Builder(EventLoops loops, HttpServerSettings settings) {
      this.loops = loops;
      this.settings = settings;
      this.blockingPermits = new Semaphore(settings.maxBlockingRequests());
    }

    /** The port to listen on, on all interfaces; 0, the default, takes any that is free. */
    public Builder port(int value) {
      return address(new InetSocketAddress(value));
    }

    /** Where to listen; its port may be 0 for any that is free. */
    public Builder address(InetSocketAddress value) {
      address = value;
      return this;
    }

    /** Who hears of requests; nobody by default. */
    public Builder observer(RequestObserver value) {
      observer = value;
      return this;
    }

    /** Where the date of answers comes from; the system's clock by default. */
    public Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /** Where bodies are kept for another reading; up to 1 MiB of each in memory by default. */
    public Builder replaySpace(ReplaySpace value) {
      replaySpace = value;
      return this;
    }

    /** Stands before all routes, and before what has none; nothing by default. */
    public Builder root(RootMiddleware value) {
      root = value;
      return this;
    }

    /** Whose word about clients is taken; nobody's by default. */
    public Builder trustedProxies(TrustedProxies value) {
      proxies = value;
      return this;
    }

    // For tests, which are in a hurry or may be held up.
    Builder lastRequests(Duration value) {
      lastRequests = value;
      return this;
    }

    /** Serves HTTPS; plain HTTP by default. */
    public Builder tls(SslContext value) {
      return tls(() -> value);
    }

    /** Serves HTTPS with what {@code value} gives for each connection, at once. */
    public Builder tls(Supplier<SslContext> value) {
      tls = value;
      return this;
    }

    /** Has {@code adder} add its routes. */
    public Builder routes(Consumer<Routes> adder) {
      adder.accept(this);
      return this;
    }

    /** Has {@code adder} add its routes, with {@code wrapper} around the handler of each. */
    public Builder routes(RouteWrapper wrapper, Consumer<Routes> adder) {
      adder.accept(new WrappedRoutes(this, wrapper));
      return this;
    }

    @Override
    public Builder add(String method, String pattern, HttpHandler handler) {
      router.add(method, pattern, handler);
      return this;
    }

    @Override
    public Builder addBlocking(String method, String pattern, BlockingHandler handler) {
      router.add(method, pattern, onLoop(handler));
      return this;
    }

    private HttpHandler onLoop(BlockingHandler handler) {
      return new BlockingRoute(handler, blockingPermits, settings.maxBlockingBody());
    }

    private record WrappedRoutes(Builder server, RouteWrapper wrapper) implements Routes {
      @Override
      public Routes add(String method, String pattern, HttpHandler handler) {
        server.add(method, pattern, wrapper.wrap(method, pattern, handler));
        return this;
      }

      @Override
      public Routes addBlocking(String method, String pattern, BlockingHandler handler) {
        return add(method, pattern, server.onLoop(handler));
      }
    }

    /**
     * The server, not started.
     *
     * @throws dev.fncluster.api.settings.SettingException when an origin for CORS is malformed
     */
    public HttpServer build() {
      return new HttpServer(this);
    }
  }
}
