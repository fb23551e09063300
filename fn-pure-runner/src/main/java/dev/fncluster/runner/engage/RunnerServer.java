package dev.fncluster.runner.engage;

import dev.fncluster.api.loop.EventLoops;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server of a pure runner, on the event loops of the node. */
public final class RunnerServer {
  private static final Logger log = LoggerFactory.getLogger(RunnerServer.class);
  private static final int MAX_MESSAGE = 4 * 1024 * 1024;
  // What each call that waits for a container may hold here of its body, and its load balancer of
  // the same. Fixed, because gRPC's own would grow. Enough for 100 MB/s a connection with a
  // millisecond between the nodes.
  private static final int WINDOW = 128 * 1024;
  private static final int MAX_CALLS_PER_CONNECTION = 10_000;

  private final Server server;

  private RunnerServer(Server server) {
    this.server = server;
  }

  /**
   * Starts serving.
   *
   * @param address where to listen; its port may be 0 for any that is free
   * @param tls null serves in clear text
   * @throws IOException when the port can't be had
   */
  public static RunnerServer start(
      EventLoops loops,
      InetSocketAddress address,
      @Nullable SslContext tls,
      BindableService service)
      throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .channelType(loops.serverChannelType())
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE)
            .flowControlWindow(WINDOW)
            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(service);
    if (tls == null) {
      log.warn("Running pure runner in insecure mode!");
    } else {
      builder.sslContext(tls);
    }
    return new RunnerServer(builder.build().start());
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /** Takes no new streams; those under way go on. Idempotent. */
  public void refuseNew() {
    server.shutdown();
  }

  /**
   * Takes no new calls and waits for those under way; cuts them off when {@code grace} is over.
   * Blocks.
   *
   * @return whether all calls came to their end
   */
  public boolean stop(Duration grace) throws InterruptedException {
    refuseNew();
    if (server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      return true;
    }
    server.shutdownNow();
    server.awaitTermination(5, TimeUnit.SECONDS);
    return false;
  }
}
