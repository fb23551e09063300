package dev.fncluster.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * Ends connections, with TLS and without, so that clients see what is meant: an end that is
 * orderly, or one that nobody can take for it. Stateless; to be called on the event loop of the
 * channel.
 */
final class Closing {
  private Closing() {}

  /** Tells the client that nothing more will be sent, once all of it was. Goes on reading. */
  static void endOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutdownOutput(channel);
    } else {
      tls.closeOutbound().addListener(said -> shutdownOutput(channel));
    }
  }

  /** Closes so that the client can't take what it has for a whole answer. */
  static void reset(Channel channel) {
    if (!channel.isOpen()) {
      return;
    }
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
    if (tls == null) {
      channel.close();
    } else {
      // Past the handler of TLS, which would say that the end is meant.
      tls.close();
    }
  }

  private static void shutdownOutput(Channel channel) {
    if (channel.isActive() && channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }
}
