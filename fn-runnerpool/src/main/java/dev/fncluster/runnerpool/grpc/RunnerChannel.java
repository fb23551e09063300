package dev.fncluster.runnerpool.grpc;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runnerpool.RunnerAddress;
import io.grpc.ClientInterceptor;
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
  private static final Executor BLOCKING =
      task -> Thread.ofVirtual().name("resolve-runner").start(task);

  private final ManagedChannel channel;

  private RunnerChannel(ManagedChannel channel) {
    this.channel = channel;
  }

  /** Opens a channel and begins to connect. */
  static RunnerChannel open(
      RunnerAddress address,
      EventLoops loops,
      EventLoop loop,
      ChannelSecurity security,
      ClientInterceptor interceptor) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(address.host(), address.port())
            .eventLoopGroup(loop)
            .channelType(loops.channelType())
            .executor(new LoopExecutor(loop))
            .offloadExecutor(BLOCKING)
            .intercept(interceptor)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true)
            // Never idle: a call should meet a connection that is there.
            .idleTimeout(365, TimeUnit.DAYS)
            // Whether a call may be sent again is the placer's decision alone.
            .disableRetry()
            .disableServiceConfigLookUp()
            // Runners are on our own network, whatever the JVM's proxy settings say.
            .proxyDetector(target -> null);
    security.applyTo(builder);
    ManagedChannel channel = builder.build();
    ReconnectKeeper keeper = new ReconnectKeeper(channel, loop);
    if (loop.inEventLoop()) {
      keeper.watch();
    } else {
      loop.execute(keeper::watch);
    }
    return new RunnerChannel(channel);
  }

  ManagedChannel grpc() {
    return channel;
  }

  /** Cuts the connection, under running calls too, and waits for its end. */
  void close() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
  }
}
