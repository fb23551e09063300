package dev.fncluster.api.call;

import io.netty.buffer.Unpooled;
import org.apiguardian.api.API;

/** A body that is in memory anyway. Any number of readings, for ever. */
@API(status = API.Status.STABLE, since = "0.1")
public final class BytesBody implements RequestBody {
  private final byte[] bytes;

  private BytesBody(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A body of {@code bytes}, which must not be changed afterwards. */
  public static RequestBody of(byte[] bytes) {
    return bytes.length == 0 ? EmptyBody.create() : new BytesBody(bytes);
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    return new OneChunkReader(consumer, Unpooled.wrappedBuffer(bytes));
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  public void commit() {}

  @Override
  public void close() {}
}
