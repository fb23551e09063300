package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The connection of one event loop to one runner: all that happens on it happens on that loop. */
final class RunnerChannel {
  private static final int CONNECT_TIMEOUT_MILLIS = 1_000;
  private static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
  // What each call whose client reads nothing may hold here of its answer. Fixed, because gRPC's
  // own grows to 8 MiB, and a hundred such clients would have all memory. Enough for 100 MB/s a
  // connection with a millisecond between the nodes.
  private static final int WINDOW = 128 * 1024;
  private static final Executor BLOCKING =
      task -> Thread.ofVirtual().name("resolve-runner").start(task);

  private final ManagedChannel channel;
  private final OpenSockets sockets;

  private RunnerChannel(ManagedChannel channel, OpenSockets sockets) {
    this.channel = channel;
    this.sockets = sockets;
  }

  /** Opens a channel and begins to connect. */
  static RunnerChannel open(
      RunnerAddress address,
      EventLoops loops,
      EventLoop loop,
      ChannelSecurity security,
      ConnectionRules rules,
      ClientInterceptor interceptor) {
    OpenSockets sockets = new OpenSockets(loops::newSocketChannel);
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(address.host(), address.port())
            .eventLoopGroup(loop)
            .channelFactory(sockets)
            .executor(new LoopExecutor(loop))
            .offloadExecutor(BLOCKING)
            .intercept(interceptor)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .flowControlWindow(WINDOW)
            // Never idle: a call should meet a connection that is there.
            .idleTimeout(365, TimeUnit.DAYS)
            // Whether a call may be sent again is the placer's decision alone.
            .disableRetry()
            .disableServiceConfigLookUp()
            // Runners are on our own network, whatever the JVM's proxy settings say.
            .proxyDetector(target -> null);
    if (rules.pings()) {
      builder
          .keepAliveTime(rules.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
          .keepAliveTimeout(rules.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .keepAliveWithoutCalls(true);
    }
    security.applyTo(builder);
    ManagedChannel channel = builder.build();
    ReconnectKeeper keeper = new ReconnectKeeper(channel, loop);
    if (loop.inEventLoop()) {
      keeper.watch();
    } else {
      loop.execute(keeper::watch);
    }
    return new RunnerChannel(channel, sockets);
  }

  ManagedChannel grpc() {
    return channel;
  }

  /** Whether a stream will most likely be made on a connection that is there. */
  boolean isReady() {
    return channel.getState(false) == ConnectivityState.READY;
  }

  /**
   * On the loop. Whether the runner has closed the connection and nobody has noticed yet: what is
   * sent now would be lost.
   */
  boolean isLeft() {
    return sockets.areLeft();
  }

  /** Cuts the connection, under running calls too, and waits for its end. */
  void close() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
  }
}
