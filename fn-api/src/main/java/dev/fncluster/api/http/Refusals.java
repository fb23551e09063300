package dev.fncluster.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Answers to what is no request that can be understood. They are always the last ones. */
final class Refusals {
  private Refusals() {}

  /** Writes the whole answer. */
  static void write(ByteBuf out, int status, HttpDate date) {
    String text = HttpResponseStatus.valueOf(status).toString();
    ResponseHead.status(out, status);
    ResponseHead.header(out, "Content-Type", "text/plain; charset=utf-8");
    ResponseHead.contentLength(out, text.length());
    ResponseHead.close(out);
    out.writeBytes(date.line());
    ResponseHead.lineEnd(out);
    ByteBufUtil.writeAscii(out, text);
  }
}
