package dev.fncluster.api.call;

import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import org.apiguardian.api.API;

/**
 * Where a call's answer goes while it comes: a head, then any number of chunks. How it ended is
 * told apart from it, by {@link CallCompletion}.
 *
 * <p>Confined to the event loop of its call. After the call completed, or once its context is
 * cancelled, everything that still arrives is dropped (and released).
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface ResponseSink {
  /**
   * The head of the answer; at most once, before any data.
   *
   * @param status 100 to 599
   */
  void head(int status, Headers headers);

  /** Whether {@link #head} was called: from then on an error can't be answered as such any more. */
  boolean isHeadWritten();

  /** A piece of the body; the sink owns {@code chunk} and releases it. */
  void data(ByteBuf chunk);

  /** False asks the producer to stop until the listener of {@link #onWritable} is called. */
  boolean isWritable();

  /** Sets the one listener that is called, on the event loop, whenever the sink can take more. */
  void onWritable(Runnable listener);
}
