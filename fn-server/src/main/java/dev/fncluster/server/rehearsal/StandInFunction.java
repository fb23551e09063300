package dev.fncluster.server.rehearsal;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** A function without a container: answers every request on a container's socket with its body. */
final class StandInFunction implements AutoCloseable {
  private static final int LONGEST_BODY = 1 << 20;

  private final Channel server;

  private StandInFunction(Channel server) {
    this.server = server;
  }

  /** Offers the socket in {@code directory} as the contract of functions wants it. Blocks. */
  static StandInFunction start(EventLoopGroup group, Path directory)
      throws IOException, InterruptedException {
    Path socket = directory.resolve("stand-in.sock");
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(LONGEST_BODY),
                            Echo.INSTANCE);
                  }
                })
            .bind(UnixDomainSocketAddress.of(socket))
            .sync()
            .channel();
    Files.createSymbolicLink(directory.resolve("lsnr.sock"), socket.getFileName());
    return new StandInFunction(server);
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
  }

  @Sharable
  private static final class Echo extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final Echo INSTANCE = new Echo();

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      DefaultFullHttpResponse answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, request.content().retain());
      answer
          .headers()
          .set(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes())
          .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_OCTET_STREAM);
      context.writeAndFlush(answer, context.voidPromise());
    }
  }
}
