package dev.fncluster.api.invoke;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.HeaderNames;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;

/**
 * Confined to the event loop of its call. Keeps the status of a detached call's start and drops the
 * function's output.
 */
final class DetachedResponse implements ResponseSink {
  private static final int ACCEPTED = 202;

  private int status = ACCEPTED;
  private Headers headers = new Headers(0);
  private boolean headWritten;

  /** What the caller is told once the call has started. */
  HttpResponse answer() {
    return new HttpResponse(status, headers, new byte[0]);
  }

  @Override
  public void head(int newStatus, Headers newHeaders) {
    if (headWritten) {
      return;
    }
    headWritten = true;
    status = newStatus;
    headers = newHeaders.copy().remove(HeaderNames.CONTENT_LENGTH);
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
