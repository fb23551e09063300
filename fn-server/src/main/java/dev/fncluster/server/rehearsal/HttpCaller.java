package dev.fncluster.server.rehearsal;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A connection that sends one request after the other. One exchange at a time; thread-safe. */
final class HttpCaller implements AutoCloseable {
  private static final int LONGEST_BODY = 16 << 20;

  /** What came back. */
  record Answer(int status, String body) {}

  private final Channel channel;
  private final Handler handler;

  private HttpCaller(Channel channel, Handler handler) {
    this.channel = channel;
    this.handler = handler;
  }

  /** Connects to a port of this machine. Blocks. */
  static HttpCaller connect(EventLoopGroup group, int port) throws InterruptedException {
    Handler handler = new Handler();
    Channel channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline()
                        .addLast(
                            new HttpClientCodec(), new HttpObjectAggregator(LONGEST_BODY), handler);
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .sync()
            .channel();
    return new HttpCaller(channel, handler);
  }

  /** Sends a request; the answer comes on the connection's event loop. */
  CompletableFuture<Answer> send(String method, String path, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), path, Unpooled.wrappedBuffer(bytes));
    request
        .headers()
        .set(HttpHeaderNames.HOST, "localhost")
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    channel
        .eventLoop()
        .execute(() -> {
          if (!channel.isActive()) {
            request.release();
            answer.completeExceptionally(new IOException("the connection is closed"));
            return;
          }
          handler.waiting = answer;
          channel.writeAndFlush(request, channel.voidPromise());
        });
    return answer;
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  /** Confined to the event loop of its connection. */
  private static final class Handler extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Nullable CompletableFuture<Answer> waiting;

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      CompletableFuture<Answer> told = waiting;
      waiting = null;
      if (told != null) {
        told.complete(
            new Answer(
                response.status().code(), response.content().toString(StandardCharsets.UTF_8)));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(new IOException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(cause);
      context.close();
    }

    private void fail(Throwable cause) {
      CompletableFuture<Answer> told = waiting;
      waiting = null;
      if (told != null) {
        told.completeExceptionally(cause);
      }
    }
  }
}
