package dev.fncluster.testfunction;

import java.io.IOException;

/**
 * What a call does. Implementations are called by several threads at once, one for each connection.
 */
interface Function {
  /**
   * Answers one call. What it leaves unread of the request is skipped, and the response is
   * finished, by the caller.
   *
   * @throws IOException when the connection broke, or the request is not HTTP
   */
  void answer(Request request, Response response) throws IOException;
}
