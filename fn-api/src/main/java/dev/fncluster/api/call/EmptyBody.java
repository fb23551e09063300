package dev.fncluster.api.call;

import io.netty.buffer.Unpooled;
import org.apiguardian.api.API;

/** The body of a request that has none: one empty chunk, as often as one likes. */
@API(status = API.Status.STABLE, since = "0.1")
public final class EmptyBody implements RequestBody {
  private static final EmptyBody INSTANCE = new EmptyBody();

  private EmptyBody() {}

  /** The one empty body. */
  public static RequestBody create() {
    return INSTANCE;
  }

  @Override
  public long length() {
    return 0;
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    return new OneChunkReader(consumer, Unpooled.EMPTY_BUFFER);
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
