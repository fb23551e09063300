package dev.fncluster.api.http;

import dev.fncluster.api.model.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/**
 * Confined to its event loop. Where an exchange writes its answer: the turn of a connection of
 * HTTP/1, or one stream of HTTP/2.
 */
interface AnswerWriter {
  /** The one thread of the exchange. */
  EventLoop eventLoop();

  /** What all connections of the server share. */
  ServerParts server();

  /** Whether the client takes more now. */
  boolean isWritable();

  /**
   * Writes the head, which leaves with a later flush.
   *
   * @param headers of the answer
   * @param overriding headers that replace those of the same name in {@code headers}
   * @param adding headers beside those of the same name
   * @param length of the body in bytes, or -1 when it is not known
   * @param bodiless whether no body may follow, whatever {@code length} says
   */
  void head(
      int status,
      Headers headers,
      Headers overriding,
      Headers adding,
      long length,
      boolean bodiless);

  /** Writes a piece of the body and releases it in time. Not after a bodiless head. */
  void data(ByteBuf piece);

  /** Sends what was written when this turn of the event loop is over. */
  void flushLater();

  /** The answer is whole: sends what there is of it. */
  void end();

  /** Gives up, because the client has gone anyway. */
  void abort();

  /** Gives up so that the client can't take what it has for a whole answer. */
  void reset();
}
