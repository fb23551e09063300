package dev.fncluster.api.http;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import dev.fncluster.api.error.InvocationErrors;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Confined to the event loop of its call. Reads a whole body into memory, up to a limit. */
public final class BodyCollector implements BodyConsumer {
  /** Told once how it went. */
  public interface Result {
    /** All of the body. */
    void collected(byte[] body);

    /** The body is too long or could not be read. */
    void failed(Throwable cause);
  }

  private static final int FIRST_SIZE = 8 * 1024;
  private static final byte[] NOTHING = new byte[0];

  private final int limit;
  private final Result result;
  private byte[] bytes;
  private int size;
  private boolean over;
  private @Nullable BodyReader reader;

  private BodyCollector(RequestBody body, int limit, Result result) {
    this.limit = limit;
    this.result = result;
    long length = body.length();
    bytes = length == 0 ? NOTHING : new byte[first(length, limit)];
  }

  // An announced length is no reason to set memory aside: the bytes have to come first.
  private static int first(long length, int limit) {
    return (int) Math.min(length < 0 ? FIRST_SIZE : Math.min(length, 8L * FIRST_SIZE), limit);
  }

  /**
   * Reads {@code body}, telling {@code result} maybe before this method returns.
   *
   * @param limit the longest body in bytes; a longer one fails with status 413
   */
  public static void collect(RequestBody body, int limit, Result result) {
    if (body.length() > limit) {
      result.failed(InvocationErrors.bodyTooLarge(body.length(), limit));
      return;
    }
    BodyCollector collector = new BodyCollector(body, limit, result);
    BodyReader opened = body.open(collector);
    collector.reader = opened;
    body.commit();
    opened.request();
  }

  @Override
  public void chunk(ByteBuf data, boolean last) {
    int length = data.readableBytes();
    if (length > limit - size) {
      data.release();
      fail(InvocationErrors.bodyTooLarge(limit));
      return;
    }
    if (bytes.length - size < length) {
      int wanted = Math.max(size + length, (int) Math.min(2L * bytes.length, limit));
      bytes = Arrays.copyOf(bytes, wanted);
    }
    data.readBytes(bytes, size, length);
    data.release();
    size += length;
    BodyReader current = reader;
    if (last) {
      over = true;
      result.collected(size == bytes.length ? bytes : Arrays.copyOf(bytes, size));
    } else if (current != null) {
      current.request();
    }
  }

  @Override
  public void failed(Throwable cause) {
    fail(cause);
  }

  private void fail(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    BodyReader current = reader;
    if (current != null) {
      current.cancel();
    }
    result.failed(cause);
  }
}
