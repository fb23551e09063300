package dev.fncluster.api.call;

import io.netty.buffer.ByteBuf;
import org.apiguardian.api.API;

/** Takes the chunks of one reading of a {@link RequestBody}, on the event loop of its call. */
@API(status = API.Status.STABLE, since = "0.1")
public interface BodyConsumer {
  /**
   * The next piece of the body.
   *
   * @param data owned by the consumer, which releases it; may be empty only when it is the last
   * @param last whether the body ends here
   */
  void chunk(ByteBuf data, boolean last);

  /** The body can't be read to its end, for instance because it is too long. Nothing follows. */
  void failed(Throwable cause);
}
