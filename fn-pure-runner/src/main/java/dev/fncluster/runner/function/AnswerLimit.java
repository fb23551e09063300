package dev.fncluster.runner.function;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How long the answers of functions may be, and how much of answers that may turn out too long is
 * held back. One for all answers of a runner; thread-safe.
 */
public final class AnswerLimit {
  /** The longest limit, in bytes, up to which answers are held back. */
  static final int MAX_HELD = 8 << 20;

  /** The most bytes that are held back of all answers together. */
  static final long MAX_HELD_TOGETHER = 64 << 20;

  private final long maxBytes;
  private final AtomicLong held = new AtomicLong();

  /**
   * A limit.
   *
   * @param maxBytes of a body; 0 for no limit
   */
  public AnswerLimit(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Whether a body may have {@code bytes}. */
  boolean allows(long bytes) {
    return maxBytes == 0 || bytes <= maxBytes;
  }

  /** The most bytes of a body; 0 for no limit. */
  long maxBytes() {
    return maxBytes;
  }

  /** Whether answers are held back that may turn out too long. */
  boolean holds() {
    return maxBytes > 0 && maxBytes <= MAX_HELD;
  }

  /** Makes room for {@code bytes} to be held back; false when there is none. */
  boolean reserve(int bytes) {
    if (held.addAndGet(bytes) <= MAX_HELD_TOGETHER) {
      return true;
    }
    release(bytes);
    return false;
  }

  /** Gives back what {@link #reserve} has given. */
  void release(long bytes) {
    held.addAndGet(-bytes);
  }

  /** The bytes that are held back of all answers together. */
  long held() {
    return held.get();
  }
}
