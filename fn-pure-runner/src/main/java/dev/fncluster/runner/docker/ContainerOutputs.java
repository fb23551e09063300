package dev.fncluster.runner.docker;

import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.runner.docker.engine.EngineAddress;
import dev.fncluster.runner.logs.OutputListener;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Reads what containers write: a connection to the engine for each, all on one event loop of their
 * own, so that threads do not grow with containers and no call waits for a function that writes
 * much. The loop is started with the first container.
 *
 * <p>Always reads on: an engine that can't get rid of a container's output holds the container.
 * Thread-safe.
 */
final class ContainerOutputs implements AutoCloseable {
  private static final Duration ATTACH_LIMIT = Duration.ofSeconds(5);
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(3);

  /** How long after the end of a stream the end of its container must be known. */
  static final Duration DEATH_IS_KNOWN = Duration.ofSeconds(3);

  private static final int MAX_ERROR = 1024;

  /** The stream of one container. */
  final class Attachment {
    private final Channel channel;

    private Attachment(Channel channel) {
      this.channel = channel;
    }

    /** The container is removed: what comes within a few seconds is still read. */
    void removed() {
      if (channel.isActive()) {
        channel
            .eventLoop()
            .schedule((Runnable) channel::close, LAST_OUTPUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private final EngineAddress engine;
  private final Phaser open = new Phaser(1);
  private @Nullable EventLoops loops;
  private boolean closed;

  ContainerOutputs(EngineAddress engine) {
    this.engine = engine;
  }

  /**
   * Has {@code listener} told what a container writes from here on. Blocks until the engine agrees.
   *
   * @param id of the container, which may not have been started
   * @param isExpectedToRun whether nobody has told that the container ended, nor removed it
   * @throws IOException when the engine does not agree in time; the listener is not called then
   */
  Attachment attach(String id, OutputListener listener, BooleanSupplier isExpectedToRun)
      throws IOException, InterruptedException {
    EventLoops on = loops();
    CompletableFuture<Attachment> attaching = new CompletableFuture<>();
    ChannelFuture connecting =
        bootstrap(on, new Handler(id, listener, isExpectedToRun, attaching))
            .connect(address(on, engine.host()));
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        attaching.completeExceptionally(done.cause());
      }
    });
    try {
      return attaching.get(ATTACH_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      attaching.cancel(false);
      connecting.channel().close();
      throw new IOException("the Docker engine gives no access to the output of a container", e);
    }
  }

  /** Reads the last output of containers that end, for a few seconds at most, and stops. */
  @Override
  public void close() {
    EventLoops running;
    synchronized (this) {
      closed = true;
      running = loops;
    }
    if (running == null) {
      return;
    }
    try {
      open.awaitAdvanceInterruptibly(open.arrive(), LAST_OUTPUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // Containers that nobody removed: their output ends with this node.
      open.forceTermination();
    }
    running.close();
  }

  private synchronized EventLoops loops() throws IOException {
    if (closed) {
      throw new IOException("the node stops");
    }
    EventLoops there = loops;
    if (there == null) {
      there = EventLoops.create(1, "fn-function-log");
      loops = there;
    }
    return there;
  }

  private Bootstrap bootstrap(EventLoops on, Handler handler) {
    boolean unix = isUnix(engine.host());
    return new Bootstrap()
        .group(on.loops().getFirst())
        .channel(unix ? on.unixChannelType() : on.channelType())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) ATTACH_LIMIT.toMillis())
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel ch) {
                if (engine.tls() != null && !unix) {
                  SSLEngine tls =
                      engine
                          .tls()
                          .createSSLEngine(engine.host().getHost(), engine.host().getPort());
                  tls.setUseClientMode(true);
                  SSLParameters checked = tls.getSSLParameters();
                  checked.setEndpointIdentificationAlgorithm("HTTPS");
                  tls.setSSLParameters(checked);
                  ch.pipeline().addLast(new SslHandler(tls));
                }
                ch.pipeline().addLast(new HttpClientCodec(), handler);
              }
            });
  }

  private static boolean isUnix(URI host) {
    return "unix".equals(host.getScheme());
  }

  private static SocketAddress address(EventLoops on, URI host) {
    return isUnix(host)
        ? on.unixAddress(Path.of(host.getPath()))
        : new InetSocketAddress(host.getHost(), host.getPort());
  }

  /** Confined to the loop: one connection, from the question to the end of the output. */
  private final class Handler extends ChannelInboundHandlerAdapter {
    private final String id;
    private final OutputListener listener;
    private final BooleanSupplier isExpectedToRun;
    private final CompletableFuture<Attachment> attaching;
    private final OutputFrames frames;
    private final StringBuilder refusal = new StringBuilder();
    private @Nullable HttpResponseStatus status;
    private boolean attached;
    private @Nullable Throwable failure;

    Handler(
        String id,
        OutputListener listener,
        BooleanSupplier isExpectedToRun,
        CompletableFuture<Attachment> attaching) {
      this.id = id;
      this.listener = listener;
      this.isExpectedToRun = isExpectedToRun;
      this.attaching = attaching;
      this.frames = new OutputFrames(listener);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              HttpMethod.POST,
              "/" + engine.version() + "/containers/" + id + "/attach?stream=1&stdout=1&stderr=1");
      request
          .headers()
          .set(
              HttpHeaderNames.HOST, isUnix(engine.host()) ? "docker" : engine.host().getAuthority())
          .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
          .set(HttpHeaderNames.UPGRADE, "tcp")
          .set(HttpHeaderNames.CONTENT_LENGTH, 0);
      ctx.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        if (message instanceof ByteBuf bytes) {
          frames.read(bytes);
          return;
        }
        if (message instanceof HttpResponse response) {
          answered(ctx, response.status());
        }
        if (message instanceof HttpContent content) {
          content(ctx, content);
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private void answered(ChannelHandlerContext ctx, HttpResponseStatus answer) {
      status = answer;
      boolean agreed =
          answer.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
              || answer.equals(HttpResponseStatus.OK);
      if (!agreed) {
        return;
      }
      open.register();
      attached = true;
      if (!attaching.complete(new Attachment(ctx.channel()))) {
        ctx.close(); // Nobody waited that long.
      }
    }

    private void content(ChannelHandlerContext ctx, HttpContent content) {
      if (attached) {
        frames.read(content.content());
      } else if (refusal.length() < MAX_ERROR) {
        refusal.append(content.content().toString(StandardCharsets.UTF_8));
      }
      if (!(content instanceof LastHttpContent)) {
        return;
      }
      if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(status)) {
        // From here on it is no HTTP.
        ctx.pipeline().remove(HttpClientCodec.class);
      } else {
        ctx.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!attached) {
        attaching.completeExceptionally(
            failure != null ? failure : new IOException("it answered " + status + " " + refusal));
        return;
      }
      listener.flush();
      EventLoop loop = ctx.channel().eventLoop();
      if (isExpectedToRun.getAsBoolean()) {
        // The news of its death comes another way, and may come later.
        loop.schedule(this::end, DEATH_IS_KNOWN.toMillis(), TimeUnit.MILLISECONDS);
      } else {
        end();
      }
      open.arriveAndDeregister();
    }

    private void end() {
      boolean lost = isExpectedToRun.getAsBoolean();
      listener.ended(lost ? lost() : null);
    }

    private IOException lost() {
      String how = frames.isAtEndOfFrame() ? "" : " amid a piece of it";
      return new IOException(
          "the Docker engine ended the output of a container that runs" + how, failure);
    }
  }
}
