package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Confined to the event loop of its channel. Looks at the frames of a client before they are
 * decoded, for what the codec does not tell of: since when the head of a request is incomplete, and
 * how many frames there were that ask for work and bring none.
 *
 * <p>So do pieces of a few bytes that nobody reads yet: windows count bytes, and what is kept of
 * such a piece is many times as large.
 */
final class FrameMeter extends ChannelInboundHandlerAdapter {
  /** How many such frames are free in a period of {@link Allowance}. */
  static final int FREE_FRAMES = 10_000;

  /** How many more are for each frame of an answer: clients widen windows as they read. */
  private static final int FREE_FOR_EACH_SENT = 4;

  /** Pieces of bodies that are shorter are counted until they are read. */
  private static final int SHORT_PIECE = 64;

  private static final int HEAD_LENGTH = Http2CodecUtil.FRAME_HEADER_LENGTH;
  private static final int TYPE_AT = 3;
  private static final int FLAGS_AT = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final Http2Connection connection;
  private final Allowance allowance = new Allowance(FREE_FRAMES);
  private final byte[] head = new byte[HEAD_LENGTH];
  private int headBytes;
  private int payloadLeft;
  private boolean inHeaders;
  private boolean endsHeaders;
  private long headersSince;
  private boolean tooMuch;
  private boolean dropping;

  /** A meter for a connection whose next bytes are the preface. */
  FrameMeter(Http2Connection connection) {
    this.connection = connection;
    payloadLeft = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
  }

  /** A frame of an answer was sent. */
  void sentData() {
    allowance.earn(FREE_FOR_EACH_SENT);
  }

  /**
   * A piece of a body was read.
   *
   * @param length of its frame's payload
   */
  void readData(int length) {
    if (length < SHORT_PIECE) {
      allowance.earn(1);
    }
  }

  /** What comes from now on is not looked at any more, and nobody gets it. */
  void dropRest() {
    dropping = true;
  }

  /** For how long the head of a request has been incomplete, in nanoseconds; 0 when none is. */
  long incompleteNanos(long now) {
    return inHeaders ? Math.max(1, now - headersSince) : 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (dropping) {
      connection.dropped();
      ((ByteBuf) message).release();
      return;
    }
    scan((ByteBuf) message);
    context.fireChannelRead(message);
    if (tooMuch) {
      dropRest();
      connection.tooMuch();
    }
  }

  private void scan(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (payloadLeft > 0) {
        int count = Math.min(payloadLeft, end - at);
        payloadLeft -= count;
        at += count;
      } else {
        head[headBytes++] = bytes.getByte(at++);
        if (headBytes < HEAD_LENGTH) {
          continue;
        }
        headBytes = 0;
        begin();
      }
      if (payloadLeft == 0 && endsHeaders) {
        endsHeaders = false;
        inHeaders = false;
      }
    }
  }

  private void begin() {
    payloadLeft = (head[0] & 0xFF) << 16 | (head[1] & 0xFF) << 8 | head[2] & 0xFF;
    switch (head[TYPE_AT]) {
      case Http2FrameTypes.HEADERS, Http2FrameTypes.CONTINUATION -> {
        if (!inHeaders) {
          inHeaders = true;
          headersSince = System.nanoTime();
        }
        endsHeaders = (head[FLAGS_AT] & END_HEADERS) != 0;
      }
      case Http2FrameTypes.DATA -> {
        // The codec limits those without content. The last one of a stream is only one.
        if (payloadLeft < SHORT_PIECE && (head[FLAGS_AT] & END_STREAM) == 0) {
          spend();
        }
      }
      default -> spend();
    }
  }

  private void spend() {
    tooMuch |= !allowance.spend();
  }
}
