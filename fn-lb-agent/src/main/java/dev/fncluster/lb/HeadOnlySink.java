package dev.fncluster.lb;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import java.util.function.BiConsumer;

/**
 * Confined to the event loop of its call. The answer of a detached call: its head is told, its body
 * interests nobody.
 */
final class HeadOnlySink implements ResponseSink {
  private final BiConsumer<Integer, Headers> onHead;
  private boolean headWritten;

  HeadOnlySink(BiConsumer<Integer, Headers> onHead) {
    this.onHead = onHead;
  }

  @Override
  public void head(int status, Headers headers) {
    headWritten = true;
    onHead.accept(status, headers);
  }

  @Override
  public boolean isHeadWritten() {
    return headWritten;
  }

  @Override
  public void data(ByteBuf chunk) {
    chunk.release();
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
