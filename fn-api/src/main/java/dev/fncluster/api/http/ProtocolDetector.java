package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its channel. Tells by the first bytes of a connection whether its
 * client speaks HTTP/2, on TLS as well as without, and then takes itself out of the way.
 */
final class ProtocolDetector extends ChannelInboundHandlerAdapter {
  private static final ByteBuf PREFACE = Http2CodecUtil.connectionPrefaceBuf();

  private final ServerParts parts;
  private @Nullable ByteBuf held;

  ProtocolDetector(ServerParts parts) {
    this.parts = parts;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    ByteBuf before = held;
    if (before != null) {
      held = null;
      bytes = context.alloc().compositeBuffer(2).addComponents(true, before, bytes);
    }
    int comparable = Math.min(bytes.readableBytes(), PREFACE.readableBytes());
    if (!isPreface(bytes, comparable)) {
      context.fireChannelRead(bytes);
      context.pipeline().remove(this);
    } else if (comparable < PREFACE.readableBytes()) {
      held = bytes;
    } else {
      Http2Connection.install(context, parts);
      context.fireChannelRead(bytes);
      context.pipeline().remove(this);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    ByteBuf rest = held;
    if (rest != null) {
      held = null;
      rest.release();
    }
  }

  private static boolean isPreface(ByteBuf bytes, int count) {
    int start = bytes.readerIndex();
    for (int i = 0; i < count; i++) {
      if (bytes.getByte(start + i) != PREFACE.getByte(PREFACE.readerIndex() + i)) {
        return false;
      }
    }
    return true;
  }
}
