package dev.fncluster.api.call;

import io.netty.buffer.ByteBuf;

/** A reading of a body that is one chunk. Confined to the event loop of its call. */
final class OneChunkReader implements BodyReader {
  private final BodyConsumer consumer;
  private final ByteBuf chunk;
  private boolean done;

  /**
   * A reading.
   *
   * @param chunk has no memory of its own that would need to be released
   */
  OneChunkReader(BodyConsumer consumer, ByteBuf chunk) {
    this.consumer = consumer;
    this.chunk = chunk;
  }

  @Override
  public void request() {
    if (!done) {
      done = true;
      consumer.chunk(chunk, true);
    }
  }

  @Override
  public void cancel() {
    done = true;
  }
}
