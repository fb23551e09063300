package dev.fncluster.server.rehearsal;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.SocketAddress;
import java.util.function.Function;

/** Answers every request with 200 and what it is told to. */
final class StandInServer implements AutoCloseable {
  private static final int LONGEST_BODY = 1 << 20;

  private final Channel server;

  private StandInServer(Channel server) {
    this.server = server;
  }

  /**
   * Listens. Blocks until it does.
   *
   * @param answer makes the body of an answer; on an event loop
   */
  static StandInServer start(
      EventLoopGroup group,
      Class<? extends ServerChannel> type,
      SocketAddress address,
      Function<FullHttpRequest, ByteBuf> answer)
      throws InterruptedException {
    Handler handler = new Handler(answer);
    return new StandInServer(
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(), new HttpObjectAggregator(LONGEST_BODY), handler);
                  }
                })
            .bind(address)
            .sync()
            .channel());
  }

  /** Where it listens. */
  SocketAddress address() {
    return server.localAddress();
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
  }

  @Sharable
  private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Function<FullHttpRequest, ByteBuf> answer;

    Handler(Function<FullHttpRequest, ByteBuf> answer) {
      this.answer = answer;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      ByteBuf body = answer.apply(request);
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
          .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
      context.writeAndFlush(response, context.voidPromise());
    }
  }
}
