package dev.fncluster.runner.function;

import dev.fncluster.api.loop.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to a function: HTTP/1.1 over its Unix socket, one exchange at a time.
 *
 * <p>Its channel is confined to one event loop; events go to the exchange on the exchange's own
 * loop, without a hand-off when that is the same one. Methods may be called on any thread.
 */
public final class FunctionConnection {
  /** Told, on the loop of the connection, how connecting ended. */
  public interface Listener {
    /** There is a connection. */
    void connected(FunctionConnection connection);

    /** There is none. */
    void failed(Throwable cause);
  }

  private static final int CONNECT_TIMEOUT_MILLIS = 5000;
  private static final int MAX_CHUNK = 64 * 1024;

  private final Channel channel;
  private volatile @Nullable FunctionExchange exchange;
  // Confined to the channel's loop: which read it is, and during which one an exchange ended last.
  private long reads;
  private long endedInRead = -1;

  FunctionConnection(Channel channel) {
    this.channel = channel;
  }

  /**
   * Connects.
   *
   * @param loop where the connection will live
   * @param maxHeaderBytes of an answer
   */
  public static void connect(
      EventLoops loops, EventLoop loop, Path socket, int maxHeaderBytes, Listener listener) {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxInitialLineLength(4096)
            .setMaxChunkSize(MAX_CHUNK);
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(loops.unixChannelType())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline().addLast(new HttpResponseDecoder(config));
                  }
                })
            .connect(loops.unixAddress(socket));
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        listener.failed(done.cause());
        return;
      }
      FunctionConnection connection = new FunctionConnection(connecting.channel());
      connecting
          .channel()
          .pipeline()
          .addFirst(connection.new Counter())
          .addLast(connection.new Handler());
      listener.connected(connection);
    });
  }

  /** The loop on which the channel lives. */
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  /** Whether a request can be sent. */
  public boolean isOpen() {
    return channel.isActive();
  }

  /** Closes; an exchange under way fails. Idempotent. */
  public void close() {
    channel.close();
  }

  Channel channel() {
    return channel;
  }

  void begin(FunctionExchange next) {
    exchange = next;
  }

  void end() {
    exchange = null;
    if (channel.eventLoop().inEventLoop()) {
      endedInRead = reads;
    }
  }

  private static void onLoopOf(FunctionExchange exchange, Runnable action) {
    EventLoop loop = exchange.eventLoop();
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  private final class Counter extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
      reads++;
      ctx.fireChannelRead(bytes);
    }
  }

  private final class Handler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      FunctionExchange now = exchange;
      if (now == null || endedInRead == reads) {
        // A function that talks without being asked would be heard as the answer to the next call,
        // which may have begun already: what came together with the last answer is not its own.
        ReferenceCountUtil.release(message);
        ctx.close();
        return;
      }
      if (now.eventLoop().inEventLoop()) {
        now.received(message);
        return;
      }
      try {
        now.eventLoop().execute(() -> now.received(message));
      } catch (RejectedExecutionException e) {
        ReferenceCountUtil.release(message);
        ctx.close();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      FunctionExchange now = exchange;
      if (now != null && ctx.channel().isWritable()) {
        onLoopOf(now, now::writable);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      FunctionExchange now = exchange;
      if (now != null) {
        onLoopOf(now, () -> now.connectionLost(null));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      FunctionExchange now = exchange;
      if (now != null) {
        onLoopOf(now, () -> now.connectionLost(cause));
      }
      ctx.close();
    }
  }
}
