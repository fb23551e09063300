package dev.fncluster.runner.docker;

import dev.fncluster.runner.docker.engine.EngineAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
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
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the engine that the output of one container comes on, from the question for it
 * to its end. Confined to its event loop.
 */
final class OutputConnection extends ChannelInitializer<Channel> {
  private static final int MAX_ERROR = 1024;

  /** Told on the event loop how the connection fares. */
  interface Observer {
    /** The engine passes the output on from now on. */
    void attached(Channel channel);

    /** It does not; nothing was read, and nothing more is told. */
    void refused(Throwable failure);

    /**
     * All that came was passed on, and nothing more will come.
     *
     * @param amidFrame whether a piece of output was announced that did not come as a whole
     * @param failure of the connection; null for none
     */
    void ended(boolean amidFrame, @Nullable Throwable failure);
  }

  private final EngineAddress engine;
  private final String container;
  private final OutputFrames.Pieces pieces;
  private final Observer observer;

  /** A connection for the output of {@code container}, which {@code pieces} gets. */
  OutputConnection(
      EngineAddress engine, String container, OutputFrames.Pieces pieces, Observer observer) {
    this.engine = engine;
    this.container = container;
    this.pieces = pieces;
    this.observer = observer;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (engine.tls() != null && !engine.isUnix()) {
      SSLEngine tls =
          engine.tls().createSSLEngine(engine.host().getHost(), engine.host().getPort());
      tls.setUseClientMode(true);
      SSLParameters checked = tls.getSSLParameters();
      checked.setEndpointIdentificationAlgorithm("HTTPS");
      tls.setSSLParameters(checked);
      channel.pipeline().addLast(new SslHandler(tls));
    }
    channel.pipeline().addLast(new HttpClientCodec(), new Handler());
  }

  private final class Handler extends ChannelInboundHandlerAdapter {
    private final OutputFrames frames = new OutputFrames(pieces);
    private final StringBuilder refusal = new StringBuilder();
    private @Nullable HttpResponseStatus status;
    private boolean attached;
    private @Nullable Throwable failure;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              HttpMethod.POST,
              "/"
                  + engine.version()
                  + "/containers/"
                  + container
                  + "/attach?stream=1&stdout=1&stderr=1");
      request
          .headers()
          .set(HttpHeaderNames.HOST, engine.isUnix() ? "docker" : engine.host().getAuthority())
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
      if (answer.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)
          || answer.equals(HttpResponseStatus.OK)) {
        attached = true;
        observer.attached(ctx.channel());
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
      if (attached) {
        observer.ended(!frames.isAtEndOfFrame(), failure);
      } else {
        observer.refused(
            failure != null ? failure : new IOException("it answered " + status + " " + refusal));
      }
    }
  }
}
