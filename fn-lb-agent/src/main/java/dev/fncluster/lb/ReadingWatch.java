package dev.fncluster.lb;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Confined to the event loop of its call. A request body that tells whether its latest reading has
 * come to the end, so that nothing more is needed of where the body comes from.
 */
final class ReadingWatch implements RequestBody {
  private final RequestBody body;
  private final Consumer<Boolean> isRead;

  /**
   * Watches {@code body}.
   *
   * @param isRead told false when a reading begins, true when it has handed out its last chunk
   */
  ReadingWatch(RequestBody body, Consumer<Boolean> isRead) {
    this.body = body;
    this.isRead = isRead;
  }

  @Override
  public long length() {
    return body.length();
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    isRead.accept(false);
    return body.open(
        new BodyConsumer() {
          @Override
          public void chunk(ByteBuf data, boolean last) {
            consumer.chunk(data, last);
            if (last) {
              isRead.accept(true);
            }
          }

          @Override
          public void failed(Throwable cause) {
            consumer.failed(cause);
          }
        });
  }

  @Override
  public boolean isReplayable() {
    return body.isReplayable();
  }

  @Override
  public void commit() {
    body.commit();
  }

  @Override
  public void close() {
    body.close();
  }
}
