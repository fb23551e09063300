package dev.fncluster.api.auth;

import java.io.IOException;
import java.time.Duration;

/** Where the keys come from that check the tokens of an identity provider. Thread-safe. */
interface JwtKeys extends AutoCloseable {
  /** Keys are not read again sooner than this after they were, whatever tokens come. */
  Duration LEAST_PAUSE = Duration.ofSeconds(10);

  /**
   * Begins to know keys.
   *
   * @throws IOException when it never will; the message is for the operator
   */
  void start() throws IOException;

  /**
   * The keys that hold now. Never blocks.
   *
   * @throws dev.fncluster.api.error.ServiceException 503 when there are none
   */
  KeySet current();

  /**
   * Looks whether there are other keys by now, unless it did a short time ago. Blocks, for as long
   * as one request may take.
   */
  void refresh();

  /** Reads keys no more. Idempotent. */
  @Override
  void close();
}
