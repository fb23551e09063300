package dev.fncluster.testfunction;

import java.io.IOException;
import java.util.Objects;

/**
 * Answers with what was sent, as it comes: a body of any size passes through a buffer of fixed
 * size.
 */
final class EchoFunction implements Function {
  @Override
  public void answer(Request request, Response response) throws IOException {
    response.header(
        "Content-Type", Objects.requireNonNullElse(request.header("Content-Type"), "text/plain"));
    byte[] part = new byte[16 << 10];
    RequestBody body = request.body();
    int count = body.read(part);
    while (count >= 0) {
      response.write(part, 0, count);
      if (!body.hasBuffered()) {
        // Nothing to read at once: the caller may be waiting for what it has sent so far.
        response.flush();
      }
      count = body.read(part);
    }
  }
}
