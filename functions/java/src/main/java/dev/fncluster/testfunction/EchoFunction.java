package dev.fncluster.testfunction;

import java.io.IOException;
import java.util.Objects;

/**
 * Answers with what was sent. The answer begins when the request has ended, as the contract wants
 * it; so the body is kept meanwhile, a large one in a file.
 */
final class EchoFunction implements Function {
  @Override
  public void answer(Request request, Response response) throws IOException {
    response.header(
        "Content-Type", Objects.requireNonNullElse(request.header("Content-Type"), "text/plain"));
    try (Spool spool = Spool.read(request.body())) {
      response.length(spool.length());
      spool.writeTo(response);
    }
  }
}
