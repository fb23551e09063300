package dev.fncluster.runner;

import dev.fncluster.api.call.BodyConsumer;
import dev.fncluster.api.call.BodyReader;
import dev.fncluster.api.call.RequestBody;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A body of which a beginning comes, and the end when the test says so, if ever. */
final class OpenBody implements RequestBody {
  private final String beginning;
  private final long length;
  private @Nullable Reading reading;
  private volatile boolean committed;
  private volatile boolean cancelled;

  /** A body that says that it is {@code length} bytes long, or nothing of that by -1. */
  OpenBody(String beginning, long length) {
    this.beginning = beginning;
    this.length = length;
  }

  /** Has the last piece come, on the loop of the call. */
  void end(EventLoop loop, String last) {
    loop.execute(() -> {
      Reading current = reading;
      if (current == null) {
        throw new IllegalStateException("nobody reads it");
      }
      current.end(last);
    });
  }

  boolean isCommitted() {
    return committed;
  }

  /** Whether a reading was given up. */
  boolean isCancelled() {
    return cancelled;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public BodyReader open(BodyConsumer consumer) {
    Reading opened = new Reading(consumer);
    reading = opened;
    return opened;
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  public void commit() {
    committed = true;
  }

  @Override
  public void close() {}

  private final class Reading implements BodyReader {
    private final BodyConsumer consumer;
    private boolean begun;
    private boolean wanted;
    private @Nullable String last;

    Reading(BodyConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void request() {
      if (begun) {
        wanted = true;
        giveLast();
      } else {
        begun = true;
        give(beginning, false);
      }
    }

    void end(String text) {
      last = text;
      giveLast();
    }

    private void giveLast() {
      String text = last;
      if (wanted && text != null) {
        wanted = false;
        give(text, true);
      }
    }

    private void give(String text, boolean isLast) {
      consumer.chunk(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8), isLast);
    }

    @Override
    public void cancel() {
      wanted = false;
      cancelled = true;
    }
  }
}
