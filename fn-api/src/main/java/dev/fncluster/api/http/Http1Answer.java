package dev.fncluster.api.http;

import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/** Confined to the event loop of its connection. One answer in the framing of HTTP/1. */
final class Http1Answer implements AnswerWriter {
  private static final Headers NONE = new Headers(0);

  /** How the end of an answer's body is told. */
  private enum Framing {
    LENGTH,
    CHUNKED,
    END_OF_CONNECTION,
    NO_BODY
  }

  private final Connection connection;
  private final boolean keepAlive;
  private final boolean oldProtocol;
  private boolean closeAfter;
  private Framing framing = Framing.NO_BODY;

  /**
   * The next answer of {@code connection}.
   *
   * @param keepAlive whether the client wants to go on using its connection
   * @param oldProtocol whether it speaks HTTP/1.0
   */
  Http1Answer(Connection connection, boolean keepAlive, boolean oldProtocol) {
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.oldProtocol = oldProtocol;
  }

  @Override
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  @Override
  public ServerParts server() {
    return connection.server();
  }

  @Override
  public boolean isWritable() {
    return connection.isWritable();
  }

  @Override
  public void head(
      int status,
      Headers headers,
      Headers overriding,
      Headers adding,
      long length,
      boolean bodiless) {
    if (bodiless) {
      framing = Framing.NO_BODY;
    } else if (length >= 0) {
      framing = Framing.LENGTH;
    } else {
      framing = oldProtocol ? Framing.END_OF_CONNECTION : Framing.CHUNKED;
    }
    closeAfter =
        !keepAlive || framing == Framing.END_OF_CONNECTION || !connection.canGoOnAfterAnswer();
    ByteBuf out = connection.output().buffer();
    ResponseHead.status(out, status);
    ResponseHead.headers(out, headers, overriding);
    ResponseHead.headers(out, overriding, NONE);
    ResponseHead.headers(out, adding, NONE);
    if (length >= 0 && ResponseHead.mayHaveLength(status)) {
      ResponseHead.contentLength(out, length);
    }
    if (framing == Framing.CHUNKED) {
      ResponseHead.chunked(out);
    }
    if (closeAfter) {
      ResponseHead.close(out);
    } else if (oldProtocol) {
      ResponseHead.keepAlive(out);
    }
    if (!headers.contains("Date")) {
      out.writeBytes(connection.server().date().line());
    }
    ResponseHead.lineEnd(out);
  }

  @Override
  public void data(ByteBuf piece) {
    ResponseOutput output = connection.output();
    switch (framing) {
      case NO_BODY -> piece.release();
      case LENGTH, END_OF_CONNECTION -> output.add(piece);
      case CHUNKED -> {
        Chunks.begin(output.buffer(), piece.readableBytes());
        output.add(piece);
        Chunks.end(output.buffer());
      }
    }
  }

  @Override
  public void flushLater() {
    connection.output().flushLater();
  }

  @Override
  public void end() {
    if (framing == Framing.CHUNKED) {
      Chunks.endOfBody(connection.output().buffer());
    }
    connection.output().flush();
    connection.answered(closeAfter);
  }

  @Override
  public void abort() {
    connection.abort();
  }

  @Override
  public void reset() {
    connection.reset();
  }
}
