package dev.fncluster.runner.status;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer as text, cut off at 1 MiB. Written on one event loop, read by another thread when the
 * call is over.
 */
final class GatheredAnswer implements ResponseSink {
  static final int LIMIT = 1024 * 1024;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int status;

  int status() {
    return status;
  }

  String text() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void head(int code, Headers headers) {
    status = code;
  }

  @Override
  public boolean isHeadWritten() {
    return status != 0;
  }

  @Override
  public void data(ByteBuf chunk) {
    try {
      byte[] bytes = new byte[Math.min(chunk.readableBytes(), LIMIT - out.size())];
      chunk.readBytes(bytes);
      out.writeBytes(bytes);
    } finally {
      chunk.release();
    }
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void onWritable(Runnable listener) {
    // It always is.
  }
}
