package dev.fncluster.runnerpool.fake;

import dev.fncluster.api.call.ResponseSink;
import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A sink that keeps what it is given; may be looked at from any thread. */
public final class RecordingSink implements ResponseSink {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private int status;
  private Headers headers = new Headers();
  private boolean writable = true;
  private @Nullable Runnable listener;

  @Override
  public synchronized void head(int status, Headers headers) {
    threads.add(Thread.currentThread());
    if (this.status != 0) {
      throw new IllegalStateException("second head");
    }
    this.status = status;
    this.headers = headers;
  }

  @Override
  public synchronized boolean isHeadWritten() {
    return status != 0;
  }

  @Override
  public synchronized void data(ByteBuf chunk) {
    threads.add(Thread.currentThread());
    if (status == 0) {
      throw new IllegalStateException("data before head");
    }
    body.writeBytes(ByteBufUtil.getBytes(chunk));
    chunk.release();
  }

  @Override
  public synchronized boolean isWritable() {
    return writable;
  }

  @Override
  public synchronized void onWritable(Runnable listener) {
    this.listener = listener;
  }

  /** Says whether more is wanted; on the event loop when the answer is yes. */
  public void writable(boolean value) {
    Runnable toTell;
    synchronized (this) {
      writable = value;
      toTell = value ? listener : null;
    }
    if (toTell != null) {
      toTell.run();
    }
  }

  /** The status, or 0. */
  public synchronized int status() {
    return status;
  }

  /** The headers. */
  public synchronized Headers headers() {
    return headers;
  }

  /** The body as text. */
  public synchronized String text() {
    return body.toString(StandardCharsets.UTF_8);
  }

  /** The body. */
  public synchronized byte[] bytes() {
    return body.toByteArray();
  }

  /** How long the body is. */
  public synchronized int size() {
    return body.size();
  }

  /** Who wrote. */
  public Set<Thread> threads() {
    return threads;
  }
}
